#include "services/encryption/testing/fake_key_vault.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "keyward/keyvault/v1/events.pb.h"

namespace keyward::encryption::testing {
namespace {

using absl::StatusCode;

std::string VaultOf(const std::string& name) { return name.substr(0, name.find("/keys/")); }

std::string KeyPart(const std::string& name) { return name.substr(0, name.find("/versions/")); }

bool NamesVersion(const std::string& name) { return absl::StrContains(name, "/versions/"); }

bool Has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

absl::Status Refuse(StatusCode code, const char* reason) {
  return ErrorBuilder(code, reason, absl::StrFormat("refused: %s", reason));
}

}  // namespace

FakeKeyVault::Key& FakeKeyVault::KeyOf(const std::string& name) {
  return vaults_[VaultOf(name)].keys[KeyPart(name)];
}

absl::StatusOr<KeyInspection> FakeKeyVault::Inspect(const server::CallContext&,
                                                    const std::string& key,
                                                    const std::string& tenant,
                                                    const std::string& principal) {
  KeyInspection inspection;
  std::function<void()> then;
  {
    absl::MutexLock lock(&mutex_);
    KW_RETURN_IF_ERROR(outage_);
    then = std::exchange(after_inspect_, nullptr);
    inspection.sequence = feed_.newest();
    const auto vault = vaults_.find(VaultOf(key));
    inspection.vault_found =
        vault != vaults_.end() && !vault->second.deleted && vault->second.tenant == tenant;
    if (inspection.vault_found) {
      inspection.vault_region = vault->second.region;
      inspection.soft_delete_retention_days = 90;
      inspection.purge_protection = vault->second.purge_protection;
      inspection.permissions = vault->second.policy[principal];
      const Key& found = KeyOf(key);
      const auto version = found.versions.find(NamesVersion(key) ? key : found.newest);
      inspection.key_found = version != found.versions.end() && !found.deleted;
      if (inspection.key_found) {
        inspection.key_type = "RSA-2048";
        inspection.is_rsa_2048 = true;
        inspection.version = version->first;
        inspection.enabled = version->second.enabled;
        inspection.key_ops = version->second.operations;
        inspection.not_before = version->second.not_before;
        inspection.expire_time = version->second.expire_time;
      }
    }
  }
  if (then != nullptr) then();
  return inspection;
}

absl::StatusOr<FakeKeyVault::Version> FakeKeyVault::Use(const std::string& token,
                                                        const std::string& version,
                                                        const std::string& operation) {
  KW_RETURN_IF_ERROR(outage_);
  const auto bearer = identities_.Verify(token);
  if (!bearer.has_value()) return Refuse(StatusCode::kUnauthenticated, "TOKEN_INVALID");
  Vault& vault = vaults_[VaultOf(version)];
  if (vault.tenant != bearer->tenant)
    return Refuse(StatusCode::kPermissionDenied, "NOT_AUTHORIZED");
  if (!Has(vault.policy[bearer->principal], operation)) {
    return Refuse(StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY");
  }
  if (vault.deleted) return Refuse(StatusCode::kFailedPrecondition, "VAULT_DELETED");
  Key& key = KeyOf(version);
  if (key.deleted) return Refuse(StatusCode::kFailedPrecondition, "KEY_DELETED");
  const auto found = key.versions.find(version);
  if (found == key.versions.end()) return Refuse(StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND");
  if (!found->second.enabled) return Refuse(StatusCode::kFailedPrecondition, "KEY_DISABLED");
  if (!Has(found->second.operations, operation)) {
    return Refuse(StatusCode::kFailedPrecondition, "OPERATION_NOT_PERMITTED");
  }
  return found->second;
}

absl::StatusOr<KeyVaultClient::Wrapped> FakeKeyVault::Wrap(const server::CallContext&,
                                                           const std::string& token,
                                                           const std::string& key,
                                                           const crypto::SecretBytes& plaintext) {
  absl::MutexLock lock(&mutex_);
  const std::string version = NamesVersion(key) ? key : KeyOf(key).newest;
  KW_ASSIGN_OR_RETURN(const Version used, Use(token, version, "wrapKey"));
  KW_ASSIGN_OR_RETURN(std::string ciphertext, used.aead->Seal(plaintext.ExposeSecret(), ""));
  return Wrapped{version, std::move(ciphertext)};
}

absl::StatusOr<crypto::SecretBytes> FakeKeyVault::Unwrap(const server::CallContext&,
                                                         const std::string& token,
                                                         const std::string& version,
                                                         const std::string& ciphertext) {
  std::function<void()> before;
  {
    absl::MutexLock lock(&mutex_);
    before = std::exchange(before_unwrap_, nullptr);
  }
  if (before != nullptr) before();
  absl::MutexLock lock(&mutex_);
  ++unwraps_;
  KW_RETURN_IF_ERROR(unwrap_outage_);
  KW_ASSIGN_OR_RETURN(const Version used, Use(token, version, "unwrapKey"));
  absl::StatusOr<crypto::SecretBytes> plaintext = used.aead->Open(ciphertext, "");
  if (!plaintext.ok()) return Refuse(StatusCode::kInvalidArgument, "CIPHERTEXT_INVALID");
  return plaintext;
}

absl::Status FakeKeyVault::RegisterUsage(const server::CallContext&, const std::string& version,
                                         const std::string& user) {
  absl::MutexLock lock(&mutex_);
  KW_RETURN_IF_ERROR(outage_);
  if (KeyOf(version).versions.count(version) == 0) {
    return Refuse(StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND");
  }
  usages_[user].insert(version);
  SaveUsages();
  return absl::OkStatus();
}

absl::Status FakeKeyVault::ReleaseUsage(const server::CallContext&, const std::string& version,
                                        const std::string& user) {
  absl::MutexLock lock(&mutex_);
  KW_RETURN_IF_ERROR(outage_);
  usages_[user].erase(version);
  SaveUsages();
  return absl::OkStatus();
}

std::set<std::string> FakeKeyVault::VersionsOf(const std::string& user) const {
  absl::MutexLock lock(&mutex_);
  const auto found = usages_.find(user);
  return found == usages_.end() ? std::set<std::string>() : found->second;
}

void FakeKeyVault::KeepUsagesIn(const std::string& file) {
  absl::MutexLock lock(&mutex_);
  usages_file_ = file;
  std::ifstream in(file);
  for (std::string user, version; in >> user >> version;) usages_[user].insert(version);
}

void FakeKeyVault::SaveUsages() {
  if (usages_file_.empty()) return;
  std::ofstream out(usages_file_);
  for (const auto& [user, versions] : usages_) {
    for (const std::string& version : versions) out << user << " " << version << "\n";
  }
}

void FakeKeyVault::CreateVault(const std::string& vault, const std::string& tenant,
                               const std::string& region, bool purge_protection) {
  absl::MutexLock lock(&mutex_);
  vaults_[vault].tenant = tenant;
  vaults_[vault].region = region;
  vaults_[vault].purge_protection = purge_protection;
}

std::string FakeKeyVault::CreateKey(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  Key& made = KeyOf(key);
  made.newest = absl::StrFormat("%s/versions/%032x", key, ++versions_);
  Version& version = made.versions[made.newest];
  version.aead = std::make_shared<const crypto::AesGcmAead>(
      *crypto::AesKey::Create(crypto::SecretBytes::CopyOf(crypto::Sha256(made.newest))));
  return made.newest;
}

std::string FakeKeyVault::RotateKey(const std::string& key) {
  const std::string version = CreateKey(key);
  PublishKey("Microsoft.KeyVault.KeyNewVersionCreated", version);
  return version;
}

std::string FakeKeyVault::SetEnabled(const std::string& name, bool enabled) {
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [version, state] : KeyOf(name).versions) {
      if (!NamesVersion(name) || version == name) state.enabled = enabled;
    }
  }
  return PublishKey(enabled ? "keyward.keyvault.KeyEnabled" : "keyward.keyvault.KeyDisabled", name);
}

std::string FakeKeyVault::SetKeyOps(const std::string& version,
                                    std::vector<std::string> operations) {
  {
    absl::MutexLock lock(&mutex_);
    KeyOf(version).versions[version].operations = std::move(operations);
  }
  return PublishKey("keyward.keyvault.KeyUpdated", version);
}

void FakeKeyVault::SetExpiry(const std::string& version, absl::Time expire_time) {
  absl::MutexLock lock(&mutex_);
  KeyOf(version).versions[version].expire_time = expire_time;
}

void FakeKeyVault::SetNotBefore(const std::string& version, absl::Time not_before) {
  absl::MutexLock lock(&mutex_);
  KeyOf(version).versions[version].not_before = not_before;
}

std::string FakeKeyVault::DeleteKey(const std::string& key) {
  {
    absl::MutexLock lock(&mutex_);
    KeyOf(key).deleted = true;
  }
  return PublishKey("keyward.keyvault.KeyDeleted", key);
}

std::string FakeKeyVault::PurgeKey(const std::string& key) {
  keyvault::v1::KeyChanged change;
  change.set_key(key);
  change.set_deleted(true);
  {
    absl::MutexLock lock(&mutex_);
    vaults_[VaultOf(key)].keys.erase(key);
  }
  return feed_.Append("keyward.keyvault.KeyPurged", key, change);
}

std::string FakeKeyVault::RecoverKey(const std::string& key) {
  {
    absl::MutexLock lock(&mutex_);
    KeyOf(key).deleted = false;
  }
  return PublishKey("keyward.keyvault.KeyRecovered", key);
}

std::string FakeKeyVault::DeleteVault(const std::string& vault) {
  {
    absl::MutexLock lock(&mutex_);
    vaults_[vault].deleted = true;
  }
  return PublishVault("keyward.keyvault.VaultDeleted", vault, true);
}

std::string FakeKeyVault::RecoverVault(const std::string& vault) {
  {
    absl::MutexLock lock(&mutex_);
    vaults_[vault].deleted = false;
  }
  return PublishVault("keyward.keyvault.VaultRecovered", vault, false);
}

std::string FakeKeyVault::SetPolicy(const std::string& vault, const std::string& principal,
                                    std::vector<std::string> permissions) {
  keyvault::v1::VaultChanged change;
  change.set_vault(vault);
  auto& entry = *change.add_changed();
  entry.set_principal(principal);
  for (const std::string& permission : permissions) entry.add_key_permissions(permission);
  {
    absl::MutexLock lock(&mutex_);
    vaults_[vault].policy[principal] = std::move(permissions);
  }
  return feed_.Append("Microsoft.KeyVault.VaultAccessPolicyChanged", vault, change);
}

std::string FakeKeyVault::PublishKey(const std::string& type, const std::string& name) {
  keyvault::v1::KeyChanged change;
  {
    absl::MutexLock lock(&mutex_);
    const Key& key = KeyOf(name);
    change.set_key(KeyPart(name));
    change.set_deleted(key.deleted);
    const std::string& told = NamesVersion(name) ? name : key.newest;
    change.set_enabled(key.versions.at(told).enabled);
    if (NamesVersion(name)) {
      change.set_version(name);
      for (const std::string& operation : key.versions.at(told).operations) {
        change.add_key_ops(operation);
      }
    }
  }
  return feed_.Append(type, name, change);
}

std::string FakeKeyVault::PublishVault(const std::string& type, const std::string& vault,
                                       bool deleted) {
  keyvault::v1::VaultChanged change;
  change.set_vault(vault);
  change.set_deleted(deleted);
  return feed_.Append(type, vault, change);
}

void FakeKeyVault::SetOutage(absl::Status outage) {
  absl::MutexLock lock(&mutex_);
  outage_ = std::move(outage);
}

void FakeKeyVault::SetUnwrapOutage(absl::Status outage) {
  absl::MutexLock lock(&mutex_);
  unwrap_outage_ = std::move(outage);
}

void FakeKeyVault::AfterInspect(std::function<void()> then) {
  absl::MutexLock lock(&mutex_);
  after_inspect_ = std::move(then);
}

void FakeKeyVault::BeforeUnwrap(std::function<void()> then) {
  absl::MutexLock lock(&mutex_);
  before_unwrap_ = std::move(then);
}

int FakeKeyVault::unwraps() const {
  absl::MutexLock lock(&mutex_);
  return unwraps_;
}

}  // namespace keyward::encryption::testing
