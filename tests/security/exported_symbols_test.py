"""No server shows a symbol of BoringSSL to the other modules of its process, or calls OpenSSL's libcrypto.

gRPC's TLS is OpenSSL's, whose symbols have the same names: a visible one would be called in the place
of OpenSSL's, and what a server itself calls by such a name would be now the one's, now the other's. Only
names of libssl, which BoringSSL's libcrypto has none of, are without a doubt.

usage: exported_symbols_test.py SERVER…
"""

import re
import sys
import unittest

from tests.security import elf

SERVERS = []
BORINGSSL = re.compile(
    r"^(AES|ASN1|BIO|BN|BORINGSSL|CBB|CBS|CRYPTO|EC|ECDH|ECDSA|ENGINE|ERR|EVP|FIPS|HKDF|HMAC|OPENSSL"
    r"|PEM|PKCS\d+|RAND|RSA|SHA\d*|SSL|X509)_")


class ExportedSymbols(unittest.TestCase):

    def test_none_is_of_boringssl(self):
        for server in SERVERS:
            with self.subTest(server), open(server, "rb") as file:
                content = file.read()
                inside = {s.name for s in elf.symbols(content, elf.SYMTAB) if s.section}
                self.assertIn("BORINGSSL_self_test", inside, "the server must hold the module")
                exported = [s.name for s in elf.symbols(content, elf.DYNSYM)
                            if s.section and BORINGSSL.match(s.name)]
                self.assertEqual(exported, [])

    def test_none_is_wanted_of_openssl_but_libssls(self):
        for server in SERVERS:
            with self.subTest(server), open(server, "rb") as file:
                # The memory functions are hooks that a program may define for BoringSSL.
                wanted = [s.name for s in elf.symbols(file.read(), elf.DYNSYM)
                          if not s.section and BORINGSSL.match(s.name)
                          and not s.name.startswith(("SSL_", "OPENSSL_memory_"))]
                self.assertEqual(wanted, [])


if __name__ == "__main__":
    SERVERS = sys.argv[1:]
    assert SERVERS, __doc__
    unittest.main(argv=sys.argv[:1])
