#include "services/key_vault/testing/vault_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/key_vault/testing/outcome.h"

namespace keyward::key_vault::testing {
namespace {

absl::Status NotAuthorized() {
  return Refusal(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED");
}

// "vaults/v/keys/k/versions/i" as "v", "k", "i"; what is not there is empty.
struct Parts {
  explicit Parts(const std::string& name) {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    if (parts.size() >= 2) vault = parts[1];
    if (parts.size() >= 4) key = parts[3];
    if (parts.size() >= 6) version = parts[5];
  }
  std::string vault, key, version;
};

}  // namespace

void VaultModel::SetSubscription(const std::string& subscription, const std::string& tenant) {
  subscriptions_[subscription] = tenant;
}

void VaultModel::SetPrincipal(const std::string& id, const std::string& tenant, bool active) {
  principals_[id] = {tenant, active, Now()};
}

absl::Time VaultModel::Now() const {
  return absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now()));
}

bool VaultModel::TokenIsGood(const Caller& caller) const {
  const auto principal = principals_.find(caller.principal);
  return principal != principals_.end() && principal->second.active &&
         caller.token_issued >= principal->second.not_before;
}

absl::Status VaultModel::Authenticate(const Caller& caller) const {
  if (caller.kind != Caller::Kind::kIdentity || TokenIsGood(caller)) return absl::OkStatus();
  return Refusal(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID");
}

absl::Status VaultModel::MayManage(const Caller& caller, const std::string& resource,
                                   bool reads) const {
  if (absl::Status known = Authenticate(caller); !known.ok()) return known;
  Names scopes = {"/", resource};
  std::string subscription = resource;
  if (const auto vault = vaults_.find(Parts(resource).vault);
      resource != "/" && vault != vaults_.end()) {
    subscription = vault->second.subscription;
    scopes.insert(subscription);
  }
  if (const auto known = subscriptions_.find(subscription); known != subscriptions_.end()) {
    scopes.insert(known->second);
  }
  for (const Role& role : roles_) {
    if (role.principal == caller.principal && scopes.count(role.scope) != 0 &&
        (reads || !role.reads_only)) {
      return absl::OkStatus();
    }
  }
  return NotAuthorized();
}

absl::Status VaultModel::MayUse(const Caller& caller, const std::string& resource,
                                const std::string& permission) const {
  if (absl::Status known = Authenticate(caller); !known.ok()) return known;
  const auto vault = vaults_.find(Parts(resource).vault);
  if (caller.kind == Caller::Kind::kService || vault == vaults_.end()) return NotAuthorized();
  bool of_tenant = false;
  if (caller.kind == Caller::Kind::kIdentity) {
    of_tenant = principals_.at(caller.principal).tenant == vault->second.tenant;
    if (!of_tenant) return NotAuthorized();
  }
  const auto entry = vault->second.policy.find(caller.principal);
  if (entry != vault->second.policy.end() && entry->second.count(permission) != 0) {
    return absl::OkStatus();
  }
  if (!of_tenant) return NotAuthorized();
  return Refusal(absl::StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY");
}

VaultModel::Vault* VaultModel::Find(const std::string& vault) {
  const auto found = vaults_.find(Parts(vault).vault);
  return found == vaults_.end() ? nullptr : &found->second;
}

absl::StatusOr<VaultModel::Vault*> VaultModel::FindLive(const std::string& vault) {
  Vault* const found = Find(vault);
  if (found == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
  if (found->delete_time) return Unmet({"VAULT_DELETED"});
  return found;
}

absl::StatusOr<VaultModel::Found> VaultModel::FindKey(const std::string& name) {
  absl::StatusOr<Vault*> vault = FindLive(name);
  if (!vault.ok()) return vault.status();
  const auto key = (*vault)->keys.find(Parts(name).key);
  if (key == (*vault)->keys.end()) return Refusal(absl::StatusCode::kNotFound, "KEY_NOT_FOUND");
  return Found{*vault, &key->second};
}

absl::StatusOr<VaultModel::Found> VaultModel::FindLiveKey(const std::string& name) {
  absl::StatusOr<Found> found = FindKey(name);
  if (found.ok() && found->key->delete_time) return Unmet({"KEY_DELETED"});
  return found;
}

VaultModel::Version* VaultModel::VersionOf(Key& key, const std::string& name) {
  if (Parts(name).version.empty()) return &key.newest();
  for (Version& version : key.versions) {
    if (version.name == name) return &version;
  }
  return nullptr;
}

int VaultModel::PurgeDue() {
  const absl::Time now = Now();
  int purged = static_cast<int>(std::erase_if(vaults_, [&](const auto& vault) {
    return vault.second.purge_time && *vault.second.purge_time <= now;
  }));
  for (auto& [id, vault] : vaults_) {
    purged += static_cast<int>(std::erase_if(vault.keys, [&](const auto& key) {
      return key.second.purge_time && *key.second.purge_time <= now;
    }));
  }
  return purged;
}

std::optional<absl::Time> VaultModel::NextMoment() const {
  const absl::Time now = Now();
  std::optional<absl::Time> next;
  const auto consider = [&](std::optional<absl::Time> time) {
    if (time && *time > now && (!next || *time < *next)) next = time;
  };
  for (const auto& [id, vault] : vaults_) {
    consider(vault.purge_time);
    for (const auto& [key_id, key] : vault.keys) {
      consider(key.purge_time);
      for (const Version& version : key.versions) {
        consider(version.not_before);
        consider(version.expire_time);
      }
    }
  }
  return next;
}

}  // namespace keyward::key_vault::testing
