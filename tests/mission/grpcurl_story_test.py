"""The story with grpcurl alone: what an operator types, and what they read when it is refused.

grpcurl knows nothing of Keyward but what reflection tells it. The binary is the one that
`./keyward test` installs; its path is in KEYWARD_GRPCURL.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

LIMIT = 60  # seconds that anything may take


def runfile(path):
    return os.path.join(os.environ["TEST_SRCDIR"], "keyward", path)


class Refused(Exception):
    """A call that ended with an error: its code's name, the reason, its metadata and the message."""

    def __init__(self, text):
        super().__init__(text)
        status = json.loads(text)
        self.code = status.get("code")
        self.message = status.get("message", "")
        info = next((d for d in status.get("details", [])
                     if d.get("@type", "").endswith("google.rpc.ErrorInfo")), {})
        self.reason = info.get("reason", "")
        self.domain = info.get("domain", "")
        self.metadata = info.get("metadata", {})


class Grpcurl:
    """An operator at a terminal."""

    def __init__(self, where):
        self.where = where
        pki = where["pki_dir"]
        self.command = [os.environ["KEYWARD_GRPCURL"], "-format-error", "-max-time", str(LIMIT),
                        "-cacert", pki + "/ca.crt", "-cert", pki + "/operator-admin.crt",
                        "-key", pki + "/operator-admin.key"]

    def run(self, *arguments, stdin=""):
        return subprocess.run(self.command + list(arguments), input=stdin, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, service, method, *messages):
        """Sends one or more messages, returns the (last) answer, or raises Refused."""
        done = self.run("-emit-defaults", "-d", "@", self.where[service], method,
                        stdin="\n".join(json.dumps(m) for m in messages))
        if done.returncode != 0:
            raise Refused(done.stderr[done.stderr.index("{"):])
        return json.loads(done.stdout or "{}")


class Story:
    """One customer's story, a method a step."""

    def __init__(self, grpcurl, name):
        self.grpcurl = grpcurl
        self.name = name
        self.vault = f"vaults/{name}-vault"
        self.key = self.vault + "/keys/customer-key"
        self.account = f"accounts/{name}"
        self.workspace = self.account + "/workspaces/main"
        self.model = self.workspace + "/projects/eng-spa/models/first"

    def identity_service(self, method, message):
        return self.grpcurl.call("managed_identity", "keyward.identity.v1." + method, message)

    def vault_service(self, method, message):
        return self.grpcurl.call("key_vault", "keyward.keyvault.v1." + method, message)

    def encryption(self, method, message):
        return self.grpcurl.call("encryption", "keyward.encryption.v1." + method, message)

    def deployment(self, method, *messages):
        return self.grpcurl.call("model_deployment", "keyward.deployment.v1." + method, *messages)

    def platform_managed(self):
        for tenant in (self.name, self.name + "-other"):
            self.identity_service("TenantService/CreateTenant", {"tenant_id": tenant})
        self.identity_service("TenantService/CreateSubscription", {
            "subscription_id": self.name, "subscription": {"tenant": "tenants/" + self.name}})
        self.vault_service("VaultService/CreateVault", {
            "vault_id": self.name + "-vault",
            "vault": {"subscription": "subscriptions/" + self.name, "region": "westeurope",
                      "purge_protection": True,
                      "access_policy": [{"principal": "spiffe://keyward.local/operator/admin",
                                        "key_permissions": ["all"]}]}})
        self.vault_service("KeyService/CreateKey", {
            "parent": self.vault, "key_id": "customer-key", "key": {"key_type": "KEY_TYPE_RSA_2048"}})
        self.encryption("AccountService/CreateAccount", {
            "account_id": self.name,
            "account": {"subscription": "subscriptions/" + self.name, "region": "westeurope",
                        "tier": "S1"}})
        settings = self.encryption("EncryptionSettingsService/GetEncryptionSettings",
                                   {"account": self.account})
        assert settings["key_source"] == "KEY_SOURCE_PLATFORM_MANAGED", settings

    def validate(self):
        return self.encryption("EncryptionSettingsService/ValidateCustomerManagedKey",
                               {"account": self.account, "customer_key": {"key": self.key}})

    def enable_identity(self):
        return self.identity_service("IdentityService/EnableIdentity",
                                     {"name": "identities/" + self.name})["principal_id"]

    def grant(self, principal):
        self.vault_service("VaultService/UpdateAccessPolicy", {
            "vault": self.vault, "kind": "KIND_ADD",
            "entries": [{"principal": principal,
                         "key_permissions": ["get", "wrapKey", "unwrapKey"]}]})

    def customer_managed(self):
        broken = [r for r in self.validate()["rules"] if r["outcome"] == "OUTCOME_BROKEN"]
        assert broken and all(rule["message"] for rule in broken), broken
        principal = self.enable_identity()
        self.grant(principal)
        report = self.validate()
        assert report["valid"], report
        settings = self.encryption("EncryptionSettingsService/EnableCustomerManagedKey",
                                   {"account": self.account, "customer_key": {"key": self.key}})
        assert settings["key_source"] == "KEY_SOURCE_CUSTOMER_MANAGED", settings
        assert settings["double_encryption"], settings
        assert settings["key_version_in_use"].startswith(self.key + "/versions/"), settings
        self.expect_in_use()
        return principal

    def expect_in_use(self):
        """Nobody takes the key away without having seen who uses it."""
        for method, name in (("KeyService/DisableKey", self.key),
                             ("KeyService/DeleteKey", self.key),
                             ("VaultService/DeleteVault", self.vault)):
            try:
                self.vault_service(method, {"name": name})
            except Refused as refused:
                assert refused.reason == "KEY_IN_USE" and refused.domain == "keyward", refused
                assert self.account in refused.message, refused
                assert "acknowledge_in_use" in refused.message, refused
            else:
                raise AssertionError("it was not refused")
            preview = self.vault_service(method, {"name": name, "validate_only": True})
            assert [usage["user"] for usage in preview["usages"]] == [self.account], preview
        listed = self.vault_service("KeyUsageService/ListKeyUsages", {"parent": self.key})
        assert listed["total_count"] == "1", listed

    def upload(self, document_id, kind, text):
        content = text.encode()
        self.deployment("DocumentService/UploadDocument", {"start": {
            "parent": self.workspace, "document_id": document_id, "size_bytes": len(content),
            "document": {"type": kind, "format": "DOCUMENT_FORMAT_TSV", "source_language": "eng",
                         "target_language": "spa"}}},
                        {"chunk": base64.b64encode(content).decode()})

    def deployed_model(self):
        self.deployment("WorkspaceService/CreateWorkspace",
                        {"parent": self.account, "workspace_id": "main"})
        self.deployment("WorkspaceService/CreateProject", {
            "parent": self.workspace, "project_id": "eng-spa",
            "project": {"source_language": "eng", "target_language": "spa"}})
        self.upload("phrases", "DOCUMENT_TYPE_PHRASE_DICTIONARY",
                    "encryption key\tclave de cifrado\n")
        self.upload("pairs", "DOCUMENT_TYPE_TRAINING",
                    "".join(f"House {n} is white.\tLa casa {n} es blanca.\n" for n in range(200)))
        model = self.deployment("ModelService/TrainModel", {
            "parent": self.workspace + "/projects/eng-spa", "model_id": "first",
            "model": {"documents": [self.workspace + "/documents/" + d
                                    for d in ("phrases", "pairs")]}})
        while model["state"] == "STATE_TRAINING":
            model = self.deployment("ModelService/GetModel", {"name": self.model})
        assert model["state"] == "STATE_TRAINED", model
        self.deploy()

    def deploy(self):
        model = self.deployment("ModelService/DeployModel", {"name": self.model})
        assert model["state"] == "STATE_DEPLOYED", model

    def translate(self):
        answer = self.deployment("TranslationService/Translate", {
            "model": self.model, "texts": ["The encryption key is stored in the vault."]})
        return answer["translations"][0]["text"]

    def expect_refused(self, call, cause):
        try:
            call()
        except Refused as refused:
            assert refused.code in (9, "FailedPrecondition", "FAILED_PRECONDITION"), refused
            assert refused.reason == "ACCESS_DENIED" and refused.domain == "keyward", refused
            assert refused.metadata["cause"] == cause, refused
            assert refused.message, refused
        else:
            raise AssertionError("it was not refused")

    def expect_dark(self, cause):
        self.expect_refused(self.translate, cause)
        self.expect_refused(lambda: self.encryption("DataService/GenerateDataKey", {
            "account": self.account, "scope": "uploads", "object": "probe"}), cause)
        listed = self.deployment("DocumentService/ListDocuments", {"parent": self.workspace})
        assert not listed.get("documents"), listed
        model = self.deployment("ModelService/GetModel", {"name": self.model})
        assert model["state"] == "STATE_UNDEPLOYED", model
        assert model["undeploy_cause"] == "CAUSE_" + cause, model

    def expect_receipts(self, uploads):
        give_up = time.monotonic() + LIMIT
        while True:
            receipts = self.deployment("ReceiptService/ListReceipts",
                                       {"parent": self.account}).get("receipts", [])
            if any(r["kind"] == "KIND_REVOCATION" for r in receipts):
                break
            assert time.monotonic() < give_up, "no receipt of the revocation"
        assert sum(r["kind"] == "KIND_UPLOAD" for r in receipts) == uploads, receipts
        keys = self.deployment("ReceiptService/GetReceiptKeys", {})["keys"]
        for receipt in receipts:
            verify_offline(receipt["jws"], keys)

    def take_away(self, cause, principal):
        return {
            "IDENTITY_DISABLED": lambda: self.identity_service(
                "IdentityService/DisableIdentity", {"name": "identities/" + self.name}),
            "ACCESS_POLICY_REMOVED": lambda: self.vault_service(
                "VaultService/UpdateAccessPolicy", {
                    "vault": self.vault, "kind": "KIND_REMOVE",
                    "entries": [{"principal": principal, "key_permissions": ["all"]}]}),
            "KEY_DISABLED": lambda: self.vault_service(
                "KeyService/DisableKey", {"name": self.key, "acknowledge_in_use": True}),
            "KEY_DELETED": lambda: self.vault_service(
                "KeyService/DeleteKey", {"name": self.key, "acknowledge_in_use": True}),
            "VAULT_DELETED": lambda: self.vault_service(
                "VaultService/DeleteVault", {"name": self.vault, "acknowledge_in_use": True}),
            "TENANT_CHANGED": lambda: self.identity_service(
                "TenantService/MoveSubscription", {
                    "name": "subscriptions/" + self.name,
                    "destination_tenant": f"tenants/{self.name}-other"}),
        }[cause]()

    def play_loss(self, cause):
        self.platform_managed()
        principal = self.customer_managed()
        self.deployed_model()
        assert "clave de cifrado" in self.translate()
        answer = self.take_away(cause, principal)
        assert not answer["delivery"]["waited_out"], answer
        self.expect_dark(cause)
        self.expect_receipts(uploads=2)
        return principal

    def come_back(self, old_principal):
        principal = self.enable_identity()
        assert principal and principal != old_principal
        self.expect_dark("IDENTITY_DISABLED")
        self.grant(principal)
        settings = self.encryption("EncryptionSettingsService/RevalidateAccess",
                                   {"account": self.account})
        assert settings["access"]["verdict"] == "VERDICT_ACCESSIBLE", settings
        give_up = time.monotonic() + LIMIT
        while True:
            try:
                self.translate()
                raise AssertionError("deployed again by itself")
            except Refused as refused:
                if refused.reason == "MODEL_NOT_DEPLOYED":
                    break
                assert time.monotonic() < give_up, refused
        listed = self.deployment("DocumentService/ListDocuments", {"parent": self.workspace})
        assert not listed.get("documents"), listed
        self.deploy()
        assert "clave de cifrado" in self.translate()


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def der_integer(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    if raw[0] & 0x80:
        raw = b"\0" + raw
    return bytes([2, len(raw)]) + raw


def verify_offline(jws, keys):
    """Checks a receipt with nothing but the published key and openssl."""
    header, payload, signature = jws.split(".")
    key_id = json.loads(decode(header))["kid"]
    pem = next(k["public_key_pem"] for k in keys if k["key_id"] == key_id)
    raw = decode(signature)
    body = der_integer(raw[:32]) + der_integer(raw[32:])
    with tempfile.TemporaryDirectory() as directory:
        paths = {}
        for name, content in (("key", pem.encode()), ("signature", bytes([0x30, len(body)]) + body),
                              ("signed", f"{header}.{payload}".encode())):
            paths[name] = os.path.join(directory, name)
            with open(paths[name], "wb") as file:
                file.write(content)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", paths["key"], "-signature",
                        paths["signature"], paths["signed"]], check=True,
                       stdout=subprocess.DEVNULL)
    return json.loads(decode(payload))


def expect_everything_described(grpcurl, where):
    """Reflection lists every service, and describes each with its methods and messages."""
    for service in ("managed_identity", "key_vault", "encryption", "model_deployment"):
        listed = grpcurl.run(where[service], "list")
        assert listed.returncode == 0, listed.stderr
        names = listed.stdout.split()
        assert "grpc.health.v1.Health" in names, names
        assert any(name.startswith("keyward.") for name in names), names
        for name in names:
            described = grpcurl.run(where[service], "describe", name)
            assert described.returncode == 0, described.stderr
        health = grpcurl.call(service, "grpc.health.v1.Health/Check", {})
        assert health["status"] == "SERVING", health


def main():
    directory = os.path.join(os.environ["TEST_TMPDIR"], "suite")
    with subprocess.Popen([runfile("tests/mission/suite_runner"), directory], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as suite:
        try:
            where = json.loads(suite.stdout.readline())
            grpcurl = Grpcurl(where)
            expect_everything_described(grpcurl, where)
            for number, cause in enumerate(("IDENTITY_DISABLED", "ACCESS_POLICY_REMOVED",
                                            "KEY_DISABLED", "KEY_DELETED", "VAULT_DELETED",
                                            "TENANT_CHANGED")):
                story = Story(grpcurl, f"curl{number}")
                principal = story.play_loss(cause)
                print(f"{cause}: dark, destroyed, and receipts verify", flush=True)
                if cause == "IDENTITY_DISABLED":
                    story.come_back(principal)
                    print("came back by hand; the uploads stay gone", flush=True)
        finally:
            suite.stdin.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
