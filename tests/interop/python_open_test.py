"""Stored objects are what docs/formats.md says, as an implementation written from it sees them.

usage: python_open_test.py OBJECT_TOOL
"""

import os
import subprocess
import sys
import unittest

from tests.interop import stored_object

TOOL = None
NAMES = (b"accounts/contoso", b"uploads", b"workspaces/w/documents/d")
MIB = 1 << 20
# Plaintext bytes in n segments of one layer; the outer layer has 56 bytes, or 72, fewer room for it.
ONE_INNER = MIB - 40 - 16
ONE_OUTER = ONE_INNER - 40 - 16
SIZES = (0, 1, 100, ONE_OUTER - 1, ONE_OUTER, ONE_OUTER + 1, ONE_INNER - 1, ONE_INNER, ONE_INNER + 1,
         MIB, ONE_INNER + MIB - 16, ONE_INNER + MIB - 15, 3 * MIB + 7)


def disorders(segments):
    """What can be done to the four segments of a layer without its key."""
    first, second, third, last = segments
    return [
        ("two swapped", [first, third, second, last]),
        ("one twice", [first, second, second, third, last]),
        ("one missing", [first, third, last]),
        ("cut off after a segment", [first, second, third]),
        ("cut off after the first", [first]),
        ("no segment", []),
        ("a byte less", [first, second, third, last[:-1]]),
        ("a byte more", [first, second, third, last + b"\0"]),
        ("an empty segment more", [first, second, third, last, bytes(16)]),
    ]


class PythonOpen(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scope_key, cls.platform_key = os.urandom(32), os.urandom(32)

    def tool(self, mode, data, names=NAMES):
        command = [TOOL, mode, self.scope_key.hex(), self.platform_key.hex()]
        return subprocess.run(command + list(names), input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def sealed(self, plaintext, names=NAMES):
        done = self.tool("seal", plaintext, names)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def read(self, stored, names=NAMES):
        return stored_object.read_object(self.scope_key, self.platform_key, names, stored)

    def assert_refused(self, stored, names=NAMES, what=None):
        """By both: the same bytes must not be an object to one and none to the other."""
        with self.assertRaises(stored_object.Refused, msg=what):
            self.read(stored, names)
        self.assertNotEqual(self.tool("open", stored, names).returncode, 0, what)

    def test_python_opens_what_keyward_stored(self):
        for size in SIZES:
            with self.subTest(size):
                plaintext = os.urandom(size)
                stored = self.sealed(plaintext)
                self.assertTrue(self.read(stored) == plaintext)
                # The length is the one that the document gives.
                layer = lambda n: 40 + n + 16 * -(-(40 + n) // 1048560)
                header = 150 + sum(map(len, NAMES))
                self.assertEqual(len(stored), header + layer(layer(size)))

    def test_keyward_opens_what_python_stored(self):
        for size in SIZES:
            with self.subTest(size):
                plaintext = os.urandom(size)
                stored = stored_object.write_object(self.scope_key, self.platform_key, NAMES,
                                                    plaintext)
                done = self.tool("open", stored)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout == plaintext)

    def test_each_bit_of_the_headers_counts(self):
        stored = self.sealed(b"confidential")
        header, layer_header, _ = stored_object.layers(stored)
        for bit in range(8 * (len(header) + len(layer_header))):
            changed = bytearray(stored)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(stored_object.Refused, msg=f"bit {bit}"):
                self.read(bytes(changed))

    def test_each_bit_of_a_short_body_counts(self):
        stored = self.sealed(b"confidential")
        start = len(stored) - len(stored_object.layers(stored)[2][0])
        for bit in range(8 * start, 8 * len(stored)):
            changed = bytearray(stored)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(stored_object.Refused, msg=f"bit {bit}"):
                self.read(bytes(changed))

    def test_segments_of_the_outer_layer_are_in_their_place(self):
        header, layer_header, segments = stored_object.layers(self.sealed(os.urandom(3 * MIB)))
        for what, body in disorders(segments):
            with self.subTest(what):
                self.assert_refused(header + layer_header + b"".join(body), what=what)
        self.read(header + layer_header + b"".join(segments))

    def test_segments_of_the_inner_layer_are_in_their_place(self):
        """What whoever has the outer key, but not the customer's, could do."""
        for number, (what, _) in enumerate(disorders([b""] * 4)):
            def change(layer):
                layer_header, segments = stored_object.cut(layer)
                return layer_header + b"".join(disorders(segments)[number][1])

            with self.subTest(what):
                stored = stored_object.write_object(self.scope_key, self.platform_key, NAMES,
                                                    os.urandom(3 * MIB), change)
                self.assert_refused(stored, what=what)

    def test_objects_are_in_their_place(self):
        other = NAMES[:2] + (b"workspaces/w/documents/e",)
        one, two = self.sealed(b"one" * 100), self.sealed(b"two" * 100, other)
        self.assert_refused(one, other)
        size = len(stored_object.layers(one)[0])
        self.assert_refused(one[:size] + two[size:])
        self.assert_refused(two[:size] + one[size:])
        for cut in range(len(one)):
            with self.assertRaises(stored_object.Refused, msg=f"the first {cut} bytes"):
                self.read(one[:cut])

    def test_another_key_opens_nothing(self):
        stored = self.sealed(b"confidential")
        for keys in ((os.urandom(32), self.platform_key), (self.scope_key, os.urandom(32))):
            with self.assertRaises(stored_object.Refused):
                stored_object.read_object(*keys, NAMES, stored)


if __name__ == "__main__":
    assert len(sys.argv) == 2, __doc__
    TOOL = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
