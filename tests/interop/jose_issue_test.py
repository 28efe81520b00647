"""Tokens of an independent issuer, npm's jose, at ExchangeToken: taken or refused, each for its reason.

The issuer publishes its keys over HTTPS with a certificate of its own, which managed_identity pins.

usage: jose_issue_test.py MANAGED_IDENTITY PKI_SCRIPT JOSE_ISSUE_SCRIPT
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

from tests.interop import jose
from tests.interop import managed_identity

MISSING = jose.MISSING or (None if os.environ.get("KEYWARD_GRPCURL") else "there is no grpcurl")
SCRIPT = None
SUBJECT = "system:serviceaccount:shop:checkout"


def without(claims, name):
    return {key: value for key, value in claims.items() if key != name}


def cases(url):
    """(what it is, what jose signs, the reason of the refusal or None)."""
    now = int(time.time())
    good = {"iss": url, "sub": SUBJECT, "aud": ["keyward"], "iat": now, "nbf": now, "exp": now + 3600}
    rsa = {"alg": "RS256", "kid": "rsa", "claims": good}
    ec = {"alg": "ES256", "kid": "ec", "claims": good}
    twice = dict(good, iss=url + "/twice")
    return [
        ("RS256", rsa, None),
        ("ES256", ec, None),
        ("the audience as a string", dict(rsa, claims=dict(good, aud="keyward")), None),
        ("other header members", dict(rsa, header={"typ": "JWT", "x5t": "abc"}), None),
        ("alg=none", dict(rsa, alg="none"), "SUBJECT_TOKEN_INVALID"),
        ("HS256 with the public key", dict(rsa, alg="HS256"), "SUBJECT_TOKEN_INVALID"),
        ("an algorithm that is not allowed", dict(rsa, alg="RS512"), "SUBJECT_TOKEN_INVALID"),
        ("PS256 with a key for RS256", dict(rsa, alg="PS256"), "SUBJECT_TOKEN_INVALID"),
        ("another key under a known kid", dict(ec, kid="own", header={"kid": "ec"}),
         "SUBJECT_TOKEN_INVALID"),
        ("a wrong kid", dict(ec, kid="other"), "SUBJECT_TOKEN_KEY_UNKNOWN"),
        ("a kid that is published twice", dict(ec, claims=twice), "SUBJECT_TOKEN_INVALID"),
        ("the other kid of that set", dict(rsa, claims=twice), None),
        ("expired", dict(rsa, claims=dict(good, exp=now - 1)), "SUBJECT_TOKEN_EXPIRED"),
        ("not yet valid", dict(rsa, claims=dict(good, nbf=now + 600)), "SUBJECT_TOKEN_NOT_YET_VALID"),
        ("a wrong audience", dict(rsa, claims=dict(good, aud=["other"])), "AUDIENCE_MISMATCH"),
        ("an audience too many", dict(rsa, claims=dict(good, aud=["keyward", "other"])),
         "AUDIENCE_MISMATCH"),
        ("a wrong issuer", dict(rsa, claims=dict(good, iss="https://other.example")),
         "ISSUER_NOT_TRUSTED"),
        ("a slash too many", dict(rsa, claims=dict(good, iss=url + "/")), "ISSUER_NOT_TRUSTED"),
        ("a wrong subject", dict(rsa, claims=dict(good, sub=SUBJECT.upper())), "SUBJECT_MISMATCH"),
        *[(f"without {name}", dict(rsa, claims=without(good, name)), "SUBJECT_TOKEN_INVALID")
          for name in ("iss", "sub", "aud", "exp")],
        ("oversized", dict(rsa, claims=dict(good, padding="x" * 20000)), "SUBJECT_TOKEN_INVALID"),
    ]


@unittest.skipIf(MISSING, MISSING)
class JoseIssue(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.certificate = folder.name + "/issuer.pem"
        key = folder.name + "/issuer.key"
        subprocess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=issuer", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", key, "-out", self.certificate], check=True, stderr=subprocess.DEVNULL)
        os.environ.update(KEYWARD_ISSUER_CERTIFICATE=self.certificate, KEYWARD_ISSUER_KEY=key)
        self.issuer = self.enterContext(jose.Jose(SCRIPT, self.certificate))
        self.url = json.loads(self.issuer.process.stdout.readline())["url"]
        self.server = managed_identity.ManagedIdentity(folder.name)
        self.addCleanup(self.server.stop)
        self.server.make_identity()
        self.trust("issuer", self.url)
        self.trust("twice", self.url + "/twice")

    def trust(self, name, issuer):
        with open(self.certificate, encoding="utf-8") as certificate:
            self.server.call("FederationService/CreateTrustedIssuer", {
                "trusted_issuer_id": name,
                "trusted_issuer": {"issuer": issuer, "ca_certificates": certificate.read()}})
        self.server.call("FederationService/CreateFederatedCredential", {
            "parent": "identities/contoso", "federated_credential_id": name,
            "federated_credential": {
                "issuer": issuer, "subject": SUBJECT, "audiences": ["keyward"]}})

    def exchange(self, token):
        return self.server.grpcurl(
            "operator-admin", "keyward.identity.v1.TokenService/ExchangeToken", stdin=json.dumps({
                "identity": "identities/contoso", "audience": "key_vault", "subject_token": token}))

    def test_each_token_is_taken_or_refused_for_its_reason(self):
        for name, order, reason in cases(self.url):
            with self.subTest(name):
                done = self.exchange(self.issuer.ask(**order)["token"])
                if reason is None:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("token", json.loads(done.stdout))
                else:
                    self.assertNotEqual(done.returncode, 0)
                    self.assertRegex(done.stderr, rf'"reason":\s*"{reason}"')


if __name__ == "__main__":
    assert len(sys.argv) == 4, __doc__
    managed_identity.SERVER, managed_identity.PKI_SCRIPT, SCRIPT = (
        os.path.abspath(path) for path in sys.argv[1:])
    jose.report_skip("JoseIssue")
    unittest.main(argv=sys.argv[:1])
