"""A server whose cryptographic module is damaged ends, with an error, before its main() runs.

usage: broken_self_test_test.py SERVER…
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from tests.security import elf

SERVERS = []
LIMIT = 60  # seconds
FLAG = "--no_such_flag=1"  # what a program that reaches main() complains of


def run(program):
    return subprocess.run([program, FLAG], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)


def damage(program, copy):
    """Copies a program with the last bit of the module's code flipped, and nothing else."""
    with open(program, "rb") as file:
        content = bytearray(file.read())
    end = next((s for s in elf.symbols(content, elf.SYMTAB) if s.name == "BORINGSSL_bcm_text_end"),
               None)
    assert end is not None, f"{program} does not hold the module, or was stripped of its symbols"
    section = elf.sections(content)[end.section]
    content[section.offset + end.address - section.address - 1] ^= 1
    with open(copy, "wb") as file:
        file.write(content)
    shutil.copymode(program, copy)


class BrokenSelfTest(unittest.TestCase):

    def test_a_sound_server_reaches_main(self):
        for server in SERVERS:
            with self.subTest(server):
                result = run(server)
                self.assertIn("no_such_flag", result.stdout)
                self.assertNotIn("FIPS integrity test failed", result.stdout)

    def test_a_damaged_server_ends_before_main(self):
        for server in SERVERS:
            with self.subTest(server), tempfile.TemporaryDirectory() as folder:
                copy = os.path.join(folder, "server")
                damage(server, copy)
                result = run(copy)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn("FIPS integrity test failed", result.stdout)
                self.assertNotIn("no_such_flag", result.stdout)


if __name__ == "__main__":
    SERVERS = sys.argv[1:]
    assert SERVERS, __doc__
    unittest.main(argv=sys.argv[:1])
