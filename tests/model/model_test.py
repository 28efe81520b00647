"""The models of revocation in this folder hold, and notice each fault that can be planted in them.

usage: model_test.py REVOCATION_PML FRESHNESS_PML
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

MODELS = {}
# A model is small: what takes more is a mistake in it.
MEMORY = ("-DMEMLIM=1500",)
DEPTH = "-m2000000"


class ModelTest(unittest.TestCase):

    def check(self, model, *flags, kind=("-DSAFETY",), options=()):
        """What pan prints."""
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            def run(*command):
                return subprocess.run(command, cwd=folder, check=True, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

            shutil.copy(MODELS[model], folder)
            run("spin", "-a", *flags, model + ".pml")
            run("cc", "-O1", "-w", *kind, *MEMORY, "-o", "pan", "pan.c")
            return run("./pan", "-n", *options)

    def assert_holds(self, model, *flags, kind=("-DSAFETY",), options=(DEPTH,)):
        output = self.check(model, *flags, kind=kind, options=options)
        self.assertRegex(output, r"errors: 0\b", output)
        # Neither the depth nor the memory was too small.
        self.assertNotRegex(output, "max search depth too small|Search not completed", output)

    def assert_fails(self, model, expected, name, *flags, kind=("-DSAFETY", "-DBFS"), options=()):
        """Breadth first: the counterexample is the shortest, and found soon."""
        with self.subTest(name):
            output = self.check(model, "-D" + name, *flags, kind=kind, options=options)
            self.assertRegex(output, r"errors: 1\b", f"nothing was noticed\n{output}")
            self.assertRegex(output, "assertion violated.*" + re.escape(expected), output)


class Revocation(ModelTest):
    """Nothing dies without a committed loss, and every committed loss takes its whole effect."""

    def test_holds(self):
        self.assert_holds("revocation")

    def test_every_run_ends(self):
        self.assert_holds("revocation", "-DVAULT_EVENTS=2", kind=("-DNP", "-DNOSTUTTER"),
                          options=(DEPTH, "-l"))

    def test_an_outage_destroys_nothing(self):
        self.assert_holds("revocation", "-DVAULT_EVENTS=0", "-DCRASHES=3", "-DSILENCES=3")

    def test_notices_what_is_destroyed_without_a_loss(self):
        self.assert_fails("revocation", "e_epoch<=v_losses", "FAULT_OUTAGE_IS_LOSS",
                          "-DVAULT_EVENTS=0")
        self.assert_fails("revocation", "e_epoch<=v_losses", "FAULT_UNCONFIRMED_REFUSAL")
        self.assert_fails("revocation", "v_losses>1", "FAULT_CONDEMN_ALL")

    def test_notices_a_loss_without_its_effect(self):
        self.assert_fails("revocation", "e_denied==v_taken", "FAULT_CURSOR_FIRST",
                          "-DVAULT_EVENTS=1")
        self.assert_fails("revocation", "e_denied==v_taken", "FAULT_EVENT_AFTER_CHANGE",
                          "-DVAULT_EVENTS=1")
        self.assert_fails("revocation", "e_epoch>0", "FAULT_LOOK_AT_STATE", "-DVAULT_EVENTS=2")
        self.assert_fails("revocation", "m_upload[0]", "FAULT_GIVE_UP", "-DVAULT_EVENTS=2")
        self.assert_fails("revocation", "", "FAULT_APPLY_REPEATS")

    def test_is_not_about_nothing(self):
        self.assert_fails("revocation", "m_upload[0]!=", "WITNESS_DESTROYED", "-DVAULT_EVENTS=1")
        self.assert_fails("revocation", "e_newest<4", "WITNESS_RESTORED", kind=("-DSAFETY",),
                          options=(DEPTH,))


class Freshness(ModelTest):
    """Nothing acts on the old state once a revoking call has returned."""

    def test_holds(self):
        self.assert_holds("freshness", "-DVAULT_EVENTS=1", "-DCRASHES=1")

    def test_an_outage_suspends(self):
        self.assert_holds("freshness", "-DVAULT_EVENTS=0", "-DCRASHES=0", "-DSILENCE")
        self.assert_fails("freshness", "0", "FAULT_NO_SUSPENSION", "-DVAULT_EVENTS=0", "-DSILENCE")

    def test_notices_what_acts_on_the_old_state(self):
        for name in ("FAULT_RETURN_AT_ONCE", "FAULT_ACKNOWLEDGE_EARLY", "FAULT_GRANT_LAST",
                     "FAULT_READ_BEFORE_PROMISE", "FAULT_PROMISE_A_WHOLE_LEASE", "MARGIN=1"):
            self.assert_fails("freshness", "0", name, "-DVAULT_EVENTS=1", "-DCRASHES=0")
        self.assert_fails("freshness", "0", "FAULT_FORGET_LEASES", "-DVAULT_EVENTS=1")
        # Of all clocks and delays only the worst together show it.
        self.assert_fails("freshness", "0", "FAULT_COUNT_FROM_ANSWER", "-DVAULT_EVENTS=1",
                          "-DCRASHES=0", kind=("-DSAFETY",), options=(DEPTH,))

    def test_is_not_about_nothing(self):
        for name in ("WITNESS_ACKNOWLEDGED", "WITNESS_WAITED_OUT"):
            self.assert_fails("freshness", "0", name, "-DVAULT_EVENTS=1", "-DCRASHES=0")
        self.assert_fails("freshness", "0", "WITNESS_OPEN_AGAIN", "-DVAULT_EVENTS=2", "-DCRASHES=0")


if __name__ == "__main__":
    assert len(sys.argv) == 3, __doc__
    for path in sys.argv[1:]:
        MODELS[os.path.splitext(os.path.basename(path))[0]] = os.path.abspath(path)
    unittest.main(argv=sys.argv[:1])
