#include "services/key_vault/testing/crash_script.h"

#include "absl/strings/str_cat.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

constexpr char kVault[] = "vaults/contoso";
constexpr char kKey[] = "vaults/contoso/keys/first";
constexpr absl::Duration kSoon = absl::Minutes(1);
constexpr absl::Duration kRetention = absl::Hours(24 * 90);

server::CallContext Caller() { return VaultEnv::Call(); }

std::string NewestVersion(CrashVault& vault) {
  v1::GetKeyRequest request;
  request.set_name(kKey);
  const auto key = vault.env.keys.Get(Caller(), request);
  return key.ok() ? key->newest_version().name() : "";
}

absl::Status CreateVault(CrashVault& vault) {
  v1::CreateVaultRequest request;
  request.set_vault_id("contoso");
  request.mutable_vault()->set_subscription(kSubscription);
  request.mutable_vault()->set_region("westeurope");
  request.mutable_vault()->add_access_policy()->set_principal(kAlice);
  request.mutable_vault()->mutable_access_policy(0)->add_key_permissions("all");
  return vault.env.vaults.Create(Caller(), request).status();
}

absl::Status UpdateVault(CrashVault& vault) {
  v1::UpdateVaultRequest request;
  request.mutable_vault()->set_name(kVault);
  (*request.mutable_vault()->mutable_tags())["tag"] = "new";
  request.mutable_update_mask()->add_paths("tags");
  return vault.env.vaults.Update(Caller(), request).status();
}

absl::Status DeleteVault(CrashVault& vault) {
  v1::DeleteVaultRequest request;
  request.set_name(kVault);
  return vault.env.vaults.Delete(Caller(), request).status();
}

absl::Status RecoverVault(CrashVault& vault) {
  v1::RecoverVaultRequest request;
  request.set_name(kVault);
  return vault.env.vaults.Recover(Caller(), request).status();
}

absl::Status ChangePolicy(CrashVault& vault, v1::UpdateAccessPolicyRequest::Kind kind) {
  v1::UpdateAccessPolicyRequest request;
  request.set_vault(kVault);
  request.set_kind(kind);
  for (const char* principal : {kPrincipal, "spiffe://keyward.local/operator/olga"}) {
    v1::AccessPolicyEntry* const entry = request.add_entries();
    entry->set_principal(principal);
    entry->add_key_permissions("wrapKey");
    entry->add_key_permissions("unwrapKey");
  }
  return vault.env.policies.Update(Caller(), request).status();
}

absl::Status Grant(CrashVault& vault) {
  return ChangePolicy(vault, v1::UpdateAccessPolicyRequest::KIND_ADD);
}
absl::Status Revoke(CrashVault& vault) {
  return ChangePolicy(vault, v1::UpdateAccessPolicyRequest::KIND_REMOVE);
}

absl::Status CreateKey(CrashVault& vault) {
  v1::CreateKeyRequest request;
  request.set_parent(kVault);
  request.set_key_id("first");
  request.set_request_id("00000000-0000-4000-8000-000000000001");
  request.mutable_key()->set_key_type(v1::KEY_TYPE_EC_P256);
  return vault.env.keys.Create(Caller(), request).status();
}

absl::Status ImportKey(CrashVault& vault) {
  v1::ImportKeyRequest request;
  request.set_parent(kVault);
  request.set_key_id("imported");
  request.set_jwk(R"({"kty":"oct","k":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"})");
  return vault.env.imports.Import(Caller(), request).status();
}

absl::Status RotateKey(CrashVault& vault) {
  v1::RotateKeyRequest request;
  request.set_name(kKey);
  return vault.env.keys.Rotate(Caller(), request).status();
}

absl::Status DisableKey(CrashVault& vault, const std::string& name) {
  v1::DisableKeyRequest request;
  request.set_name(name);
  return vault.env.versions.Disable(Caller(), request).status();
}
absl::Status DisableVersion(CrashVault& vault) { return DisableKey(vault, NewestVersion(vault)); }
absl::Status DisableAll(CrashVault& vault) { return DisableKey(vault, kKey); }

absl::Status EnableKey(CrashVault& vault) {
  v1::EnableKeyRequest request;
  request.set_name(kKey);
  return vault.env.versions.Enable(Caller(), request).status();
}

absl::Status UpdateVersion(CrashVault& vault) {
  v1::UpdateKeyVersionRequest request;
  request.mutable_key_version()->set_name(NewestVersion(vault));
  request.mutable_key_version()->add_key_ops("verify");
  request.mutable_update_mask()->add_paths("key_ops");
  return vault.env.versions.Update(Caller(), request).status();
}

absl::Status DeleteKey(CrashVault& vault) {
  v1::DeleteKeyRequest request;
  request.set_name(kKey);
  return vault.env.keys.Delete(Caller(), request).status();
}

absl::Status RecoverKey(CrashVault& vault) {
  v1::RecoverKeyRequest request;
  request.set_name(kKey);
  return vault.env.keys.Recover(Caller(), request).status();
}

absl::Status SetRotationPolicy(CrashVault& vault) {
  v1::UpdateKeyRotationPolicyRequest request;
  request.mutable_rotation_policy()->set_name(absl::StrCat(kKey, "/rotationPolicy"));
  request.mutable_rotation_policy()->mutable_rotate()->set_time_after_create("P30D");
  request.mutable_update_mask()->add_paths("rotate");
  return vault.env.rotation_policies.Update(Caller(), request).status();
}

absl::Status BackUpKey(CrashVault& vault) {
  v1::BackupKeyRequest request;
  request.set_name(kKey);
  return vault.env.backups.Backup(Caller(), request).status();
}

absl::Status RevokeBackups(CrashVault& vault) {
  v1::RevokeKeyBackupsRequest request;
  request.set_name(kKey);
  return vault.env.backups.Revoke(Caller(), request).status();
}

server::CallContext Encryption() {
  server::CallContext call = VaultEnv::Call();
  call.caller.kind = auth::Caller::Kind::kService;
  call.caller.name = "encryption";
  return call;
}

absl::Status RegisterUsage(CrashVault& vault) {
  v1::RegisterKeyUsageRequest request;
  request.set_name(NewestVersion(vault));
  request.set_user("accounts/contoso");
  return vault.env.usages.Register(Encryption(), request).status();
}

absl::Status ReleaseUsage(CrashVault& vault) {
  v1::ReleaseKeyUsageRequest request;
  request.set_name(NewestVersion(vault));
  request.set_user("accounts/contoso");
  return vault.env.usages.Release(Encryption(), request).status();
}

absl::Status PurgeKey(CrashVault& vault) {
  v1::PurgeKeyRequest request;
  request.set_name(kKey);
  return vault.env.purge.PurgeKey(Caller(), request).status();
}

absl::Status PurgeDue(CrashVault& vault) { return vault.purger.PurgeDue().status(); }
absl::Status RotateDue(CrashVault& vault) { return vault.rotator.RunDue().status(); }

}  // namespace

const std::vector<CrashStep>& CrashScript() {
  static const auto& script = *new std::vector<CrashStep>{
      {"create the vault", kSoon, CreateVault},
      {"grant", kSoon, Grant},
      {"revoke", kSoon, Revoke},
      {"update the vault", kSoon, UpdateVault},
      {"create the key", kSoon, CreateKey},
      {"import a key", kSoon, ImportKey},
      {"rotate the key", kSoon, RotateKey},
      {"disable a version", kSoon, DisableVersion},
      {"disable the key", kSoon, DisableAll},
      {"enable the key", kSoon, EnableKey},
      {"change key_ops", kSoon, UpdateVersion},
      {"set the rotation policy", kSoon, SetRotationPolicy},
      {"rotate what is due", absl::Hours(24 * 31), RotateDue},
      {"back the key up", kSoon, BackUpKey},
      {"revoke the backups", kSoon, RevokeBackups},
      {"register a usage", kSoon, RegisterUsage},
      {"release the usage", kSoon, ReleaseUsage},
      {"delete the key", kSoon, DeleteKey},
      {"recover the key", kSoon, RecoverKey},
      {"delete the vault", kSoon, DeleteVault},
      {"recover the vault", kSoon, RecoverVault},
      {"delete the key again", kSoon, DeleteKey},
      {"purge the key that is due", kRetention, PurgeDue},
      {"create the key anew", absl::Hours(24 * 8), CreateKey},
      {"delete the new key", kSoon, DeleteKey},
      {"purge the key", kSoon, PurgeKey},
      {"create the key once more", absl::Hours(24 * 8), CreateKey},
      {"delete the vault again", kSoon, DeleteVault},
      {"purge the vault that is due", kRetention, PurgeDue},
  };
  return script;
}

absl::Time CrashTimeOf(size_t step) {
  absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  for (size_t i = 0; i <= step && i < CrashScript().size(); ++i) time += CrashScript()[i].later;
  return time;
}

}  // namespace keyward::key_vault::testing
