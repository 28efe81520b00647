"""Our tokens, as an independent relying party sees them: npm's jose, with our keys over HTTPS.

Before, during and after a rotation of the signing key, and after a revocation.

usage: jose_verify_test.py MANAGED_IDENTITY PKI_SCRIPT JOSE_VERIFY_SCRIPT
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from tests.interop import jose

LIMIT = 60  # seconds that anything may take
MISSING = jose.MISSING or (None if os.environ.get("KEYWARD_GRPCURL") else "there is no grpcurl")
SERVER = PKI_SCRIPT = SCRIPT = None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ManagedIdentity:
    """The server, on ports that were free a moment ago."""

    def __init__(self, folder):
        self.folder = folder
        self.pki = folder + "/pki"
        subprocess.run(["bash", PKI_SCRIPT, self.pki], check=True)
        for _ in range(5):
            if self._start():
                return
        raise RuntimeError("managed_identity does not start: " + self._log())

    def _log(self):
        with open(self.folder + "/log", encoding="utf-8") as log:
            return log.read()[-2000:]

    def _start(self):
        self.port, oidc = free_port(), free_port()
        self.issuer = f"https://localhost:{oidc}"
        with open(self.folder + "/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([
                SERVER, f"--listen=127.0.0.1:{self.port}", "--metrics_listen=127.0.0.1:0",
                "--health_listen=127.0.0.1:0", f"--tls_certificate={self.pki}/managed_identity.crt",
                f"--tls_private_key={self.pki}/managed_identity.key", f"--tls_ca={self.pki}/ca.crt",
                f"--database=sqlite:{self.folder}/identity.db",
                f"--root_key_file={self.folder}/root.key", f"--issuer={self.issuer}",
                f"--oidc_listen=127.0.0.1:{oidc}",
                "--bootstrap_administrator=spiffe://keyward.local/operator/admin"],
                stdout=log, stderr=log)
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.grpcurl("operator-admin", "list").returncode == 0:
                return True
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def grpcurl(self, certificate, *arguments, stdin=None):
        pki = self.pki
        return subprocess.run([
            os.environ["KEYWARD_GRPCURL"], "-max-time", str(LIMIT), "-cacert", pki + "/ca.crt",
            "-cert", f"{pki}/{certificate}.crt", "-key", f"{pki}/{certificate}.key",
            *(["-d", "@"] if stdin is not None else []), f"127.0.0.1:{self.port}", *arguments],
            input=stdin, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, method, message, certificate="operator-admin"):
        done = self.grpcurl(certificate, "keyward.identity.v1." + method, stdin=json.dumps(message))
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def token(self):
        return self.call("TokenService/IssueToken",
                         {"identity": "identities/contoso", "audience": "key_vault"})["token"]


@unittest.skipIf(MISSING, MISSING)
class JoseVerify(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.server = ManagedIdentity(folder.name)
        self.addCleanup(self.server.stop)
        call = self.server.call
        call("TenantService/CreateTenant", {"tenant_id": "contoso"})
        call("TenantService/CreateSubscription", {
            "subscription_id": "contoso", "subscription": {"tenant": "tenants/contoso"}})
        call("IdentityService/CreateIdentity", {
            "identity_id": "contoso", "resource": "accounts/contoso",
            "subscription": "subscriptions/contoso"}, certificate="encryption")
        self.principal = call("IdentityService/EnableIdentity",
                              {"name": "identities/contoso"})["principal_id"]

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
    SERVER, PKI_SCRIPT, SCRIPT = (os.path.abspath(path) for path in sys.argv[1:])
    jose.report_skip("JoseVerify")
    unittest.main(argv=sys.argv[:1])
