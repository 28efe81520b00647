"""Stored objects are what docs/formats.md says, as Tink sees them.

This is a reader and writer of the format on Tink's Python package; it shares no code with Keyward. The package
is in the folder KEYWARD_TINK, where `./keyward test` puts it, or installed; the test is skipped where it is missing.

usage: tink_open_test.py OBJECT_TOOL
"""

import io
import os
import struct
import subprocess
import sys
import unittest

sys.path[:0] = filter(None, [os.environ.get("KEYWARD_TINK")])
try:
    import tink
    from tink import aead, cleartext_keyset_handle, streaming_aead
    from tink.proto import aes_gcm_hkdf_streaming_pb2, aes_gcm_pb2, common_pb2, tink_pb2
    MISSING = None
except ImportError as error:
    MISSING = f"the Python package tink is not installed ({error})"

TOOL = None
NAMES = (b"accounts/contoso", b"uploads", b"workspaces/w/documents/d")
SIZES = (0, 1, 1048424, 1048425, 1048464, 1048465, 1048520, 1048521, 1048536, 1 << 20, 3 << 20)
LABELS = (b"keyward inner data key v1\0", b"keyward outer data key v1\0")


def _primitive(kind, type_url, key):
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink." + type_url
    entry.key_data.value = key.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    reader = tink.BinaryKeysetReader(keyset.SerializeToString())
    return cleartext_keyset_handle.read(reader).primitive(kind)


def gcm(key):
    """AES-GCM: nonce, ciphertext, tag."""
    return _primitive(aead.Aead, "AesGcmKey", aes_gcm_pb2.AesGcmKey(key_value=key))


def stream(key):
    """AES256_GCM_HKDF_1MB."""
    proto = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(key_value=key)
    proto.params.ciphertext_segment_size = 1 << 20
    proto.params.derived_key_size = 32
    proto.params.hkdf_hash_type = common_pb2.SHA256
    return _primitive(streaming_aead.StreamingAead, "AesGcmHkdfStreamingKey", proto)


class _Output(io.BytesIO):

    def close(self):  # Tink closes what it writes to
        pass


def encrypt(key, plaintext, associated_data):
    output = _Output()
    with stream(key).new_encrypting_stream(output, associated_data) as writer:
        writer.write(plaintext)
    return output.getvalue()


def decrypt(key, ciphertext, associated_data):
    with stream(key).new_decrypting_stream(io.BytesIO(ciphertext), associated_data) as reader:
        return reader.read()


def name(text):
    return struct.pack(">H", len(text)) + text


def associated_data(names):
    return b"KWAD\x01" + b"".join(map(name, names))


def write_object(scope_key, platform_key, names, plaintext):
    inner, outer = os.urandom(32), os.urandom(32)
    encoded = b"".join(map(name, names))
    header = b"KWO1\x01\x01" + struct.pack(">H", 8 + len(encoded) + 136)
    header += encoded + struct.pack(">Q", 1)
    header += gcm(scope_key).encrypt(inner, LABELS[0] + header)
    header += struct.pack(">Q", 1)
    header += gcm(platform_key).encrypt(outer, LABELS[1] + header)
    data = associated_data(names)
    return header + encrypt(outer, encrypt(inner, plaintext, data), data)


def read_object(scope_key, platform_key, names, stored):
    assert stored[:6] == b"KWO1\x01\x01"
    size, = struct.unpack_from(">H", stored, 6)
    at = 8
    for expected in names:
        length, = struct.unpack_from(">H", stored, at)
        assert stored[at + 2:at + 2 + length] == expected
        at += 2 + length
    at += 8
    inner = gcm(scope_key).decrypt(stored[at:at + 60], LABELS[0] + stored[:at])
    at += 68
    outer = gcm(platform_key).decrypt(stored[at:at + 60], LABELS[1] + stored[:at])
    assert at + 60 == size
    data = associated_data(names)
    return decrypt(inner, decrypt(outer, stored[size:], data), data)


@unittest.skipIf(MISSING, MISSING)
class TinkOpen(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        aead.register()
        streaming_aead.register()
        cls.scope_key, cls.platform_key = os.urandom(32), os.urandom(32)

    def tool(self, mode, data):
        command = [TOOL, mode, self.scope_key.hex(), self.platform_key.hex()]
        return subprocess.run(command + list(NAMES), input=data, stdout=subprocess.PIPE,
                              check=True).stdout

    def test_tink_opens_what_keyward_stored(self):
        for size in SIZES:
            with self.subTest(size):
                plaintext = os.urandom(size)
                stored = self.tool("seal", plaintext)
                opened = read_object(self.scope_key, self.platform_key, NAMES, stored)
                self.assertTrue(opened == plaintext)

    def test_keyward_opens_what_tink_stored(self):
        for size in SIZES:
            with self.subTest(size):
                plaintext = os.urandom(size)
                stored = write_object(self.scope_key, self.platform_key, NAMES, plaintext)
                self.assertTrue(self.tool("open", stored) == plaintext)


def report_skip():
    """Bazel counts a skipped test as passed unless the test writes its own report."""
    path = os.environ.get("XML_OUTPUT_FILE")
    if MISSING and path:
        with open(path, "w", encoding="utf-8") as file:
            file.write('<testsuites><testsuite name="TinkOpen" tests="1" skipped="1"><testcase '
                       'classname="TinkOpen" name="both_ways"><skipped message="the Python package '
                       'tink is not installed"/></testcase></testsuite></testsuites>\n')


if __name__ == "__main__":
    assert len(sys.argv) == 2, __doc__
    TOOL = os.path.abspath(sys.argv[1])
    report_skip()
    unittest.main(argv=sys.argv[:1])
