"""managed_identity as a process of its own, for tests that meet it from outside."""

import json
import os
import socket
import subprocess
import time

LIMIT = 60  # seconds that anything may take
SERVER = PKI_SCRIPT = None  # set by the test


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

    def make_identity(self):
        """identities/contoso of accounts/contoso, enabled; returns its principal."""
        self.call("TenantService/CreateTenant", {"tenant_id": "contoso"})
        self.call("TenantService/CreateSubscription", {
            "subscription_id": "contoso", "subscription": {"tenant": "tenants/contoso"}})
        self.call("IdentityService/CreateIdentity", {
            "identity_id": "contoso", "resource": "accounts/contoso",
            "subscription": "subscriptions/contoso"}, certificate="encryption")
        return self.call("IdentityService/EnableIdentity",
                         {"name": "identities/contoso"})["principal_id"]

    def token(self):
        return self.call("TokenService/IssueToken",
                         {"identity": "identities/contoso", "audience": "key_vault"})["token"]
