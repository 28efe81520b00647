"""The npm package `jose`, for tests against an implementation of JWTs that nobody here wrote.

Its folder is in KEYWARD_JOSE; `./keyward test` fetches it. A test asks MISSING whether it can run.
"""

import json
import os
import shutil
import subprocess

FOLDER = os.environ.get("KEYWARD_JOSE", "")
MISSING = None
if not shutil.which("node"):
    MISSING = "there is no node"
elif not os.path.exists(FOLDER + "/dist/node/esm/index.js"):
    MISSING = "the npm package jose could not be fetched"


class Jose:
    """A script of ours that uses jose: answers each line of JSON with one."""

    def __init__(self, script, ca):
        environment = dict(os.environ, NODE_EXTRA_CA_CERTS=ca)
        self.process = subprocess.Popen(["node", script], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def report_skip(suite):
    """Bazel counts a skipped test as passed unless the test writes its own report."""
    path = os.environ.get("XML_OUTPUT_FILE")
    if MISSING and path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<testsuites><testsuite name="{suite}" tests="1" skipped="1"><testcase '
                       f'classname="{suite}" name="all"><skipped message="{MISSING}"/></testcase>'
                       '</testsuite></testsuites>\n')
