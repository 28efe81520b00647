"""Our tokens, as an independent relying party sees them: npm's jose, with our keys over HTTPS.

Before, during and after a rotation of the signing key, and after a revocation.

usage: jose_verify_test.py MANAGED_IDENTITY PKI_SCRIPT JOSE_VERIFY_SCRIPT
"""

import os
import sys
import tempfile
import unittest

from tests.interop import jose
from tests.interop import managed_identity

MISSING = jose.MISSING or (None if os.environ.get("KEYWARD_GRPCURL") else "there is no grpcurl")
SCRIPT = None


@unittest.skipIf(MISSING, MISSING)
class JoseVerify(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.server = managed_identity.ManagedIdentity(folder.name)
        self.addCleanup(self.server.stop)
        self.principal = self.server.make_identity()

    def test_before_during_and_after(self):
        with jose.Jose(SCRIPT, self.server.pki + "/ca.crt") as node:
            def verify(party, token, audience="key_vault"):
                return node.ask(party=party, issuer=self.server.issuer, audience=audience,
                                token=token)

            def assert_good(party, token):
                answer = verify(party, token)
                self.assertIn("claims", answer, answer)
                self.assertEqual(answer["claims"]["sub"], self.principal)
                self.assertEqual(answer["claims"]["xms_mirid"], "accounts/contoso")

            before = self.server.token()
            assert_good("early", before)
            self.assertEqual(verify("early", before, audience="encryption")["refused"],
                             "ERR_JWT_CLAIM_VALIDATION_FAILED")
            head, body, _ = before.split(".")
            self.assertEqual(verify("early", f"{head}.{body}." + "A" * 86)["refused"],
                             "ERR_JWS_SIGNATURE_VERIFICATION_FAILED")

            self.server.call("SigningKeyService/RotateSigningKey", {})
            after = self.server.token()
            # Who fetched the keys before the rotation knows the new one, and who fetches them now
            # knows the old one.
            for party in ("early", "late"):
                assert_good(party, before)
                assert_good(party, after)

            keys = self.server.call("SigningKeyService/ListSigningKeys", {})["keys"]
            active = next(key for key in keys if key["state"] == "STATE_ACTIVE")
            self.server.call("SigningKeyService/RevokeSigningKey", {"name": active["name"]})
            self.assertEqual(verify("last", after)["refused"], "ERR_JWKS_NO_MATCHING_KEY")
            assert_good("last", before)
            assert_good("last", self.server.token())


if __name__ == "__main__":
    assert len(sys.argv) == 4, __doc__
    managed_identity.SERVER, managed_identity.PKI_SCRIPT, SCRIPT = (
        os.path.abspath(path) for path in sys.argv[1:])
    jose.report_skip("JoseVerify")
    unittest.main(argv=sys.argv[:1])
