// VaultModel: vaults and their access policies.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_messages.h"
#include "services/key_vault/testing/outcome.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;
using PolicyRequest = v1::UpdateAccessPolicyRequest;

absl::Status CheckEtag(const std::string& given, int64_t revision) {
  if (given.empty() || given == absl::StrCat(revision)) return absl::OkStatus();
  return Refusal(absl::StatusCode::kAborted, "ETAG_MISMATCH");
}

// The policy after a change, without empty entries.
std::map<std::string, VaultModel::Names> After(const PolicyRequest& request,
                                               std::map<std::string, VaultModel::Names> policy) {
  const auto entries = PolicyFrom(request.entries());
  if (request.kind() == PolicyRequest::KIND_REPLACE) policy.clear();
  for (const auto& [principal, permissions] : entries) {
    for (const std::string& permission : permissions) {
      if (request.kind() == PolicyRequest::KIND_REMOVE) {
        policy[principal].erase(permission);
      } else {
        policy[principal].insert(permission);
      }
    }
  }
  std::erase_if(policy, [](const auto& entry) { return entry.second.empty(); });
  return policy;
}

// Whether anybody holds less than before.
bool TakesAway(const std::map<std::string, VaultModel::Names>& before,
               const std::map<std::string, VaultModel::Names>& after) {
  for (const auto& [principal, permissions] : before) {
    const auto now = after.find(principal);
    if (now == after.end() || !std::includes(now->second.begin(), now->second.end(),
                                             permissions.begin(), permissions.end())) {
      return true;
    }
  }
  return false;
}

}  // namespace

v1::Vault VaultModel::Show(const Vault& vault) const {
  using Entry = v1::AccessPolicyEntry;
  v1::Vault message = ShowVault(vault);
  for (Entry& entry : *message.mutable_access_policy()) {
    if (entry.principal().find(':') != std::string::npos) continue;
    const auto known = principals_.find(entry.principal());
    if (known == principals_.end()) {
      entry.set_dangling(Entry::DANGLING_PRINCIPAL_UNKNOWN);
    } else if (!known->second.active) {
      entry.set_dangling(Entry::DANGLING_PRINCIPAL_GONE);
    } else if (known->second.tenant != vault.tenant) {
      entry.set_dangling(Entry::DANGLING_OTHER_TENANT);
    }
  }
  return message;
}

absl::StatusOr<v1::Vault> VaultModel::Call(const Caller& caller,
                                           const v1::CreateVaultRequest& request,
                                           const v1::Vault*) {
  const v1::Vault& given = request.vault();
  if (Error no = MayManage(caller, given.subscription(), false); !no.ok()) return no;
  const int days = given.soft_delete_retention_days();
  if (days != 0 && (days < 7 || days > 90)) return InvalidRequest();
  return Once<v1::CreateVaultRequest, v1::Vault>(
      caller, request, [&]() -> absl::StatusOr<v1::Vault> {
        for (const auto& [id, vault] : vaults_) {
          if (absl::AsciiStrToLower(id) != absl::AsciiStrToLower(request.vault_id())) continue;
          return Refusal(absl::StatusCode::kAlreadyExists,
                         vault.delete_time ? "VAULT_DELETED_BUT_RECOVERABLE" : "VAULT_EXISTS");
        }
        const auto tenant = subscriptions_.find(given.subscription());
        if (tenant == subscriptions_.end()) return Unmet({"SUBSCRIPTION_UNKNOWN"});
        Vault& vault = vaults_[request.vault_id()];
        vault.name = "vaults/" + request.vault_id();
        vault.subscription = given.subscription();
        vault.tenant = tenant->second;
        vault.region = given.region();
        vault.retention_days = days == 0 ? 90 : days;
        vault.purge_protection = given.purge_protection();
        vault.tags = TagsFrom(given.tags());
        vault.policy = PolicyFrom(given.access_policy());
        vault.create_time = vault.update_time = Now();
        return Show(vault);
      });
}

absl::StatusOr<v1::Vault> VaultModel::Call(const Caller& caller, const v1::GetVaultRequest& request,
                                           const v1::Vault*) {
  if (Error no = MayManage(caller, request.name(), true); !no.ok()) return no;
  const Vault* const vault = Find(request.name());
  if (vault == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
  return Show(*vault);
}

absl::StatusOr<v1::ListVaultsResponse> VaultModel::Call(const Caller& caller,
                                                        const v1::ListVaultsRequest& request,
                                                        const v1::ListVaultsResponse*) {
  if (Error no = MayManage(caller, "/", true); !no.ok()) return no;
  v1::ListVaultsResponse answer;
  for (const auto& [id, vault] : vaults_) {
    if (vault.delete_time && !request.show_deleted()) continue;
    v1::Vault& shown = *answer.add_vaults();
    shown = ShowVault(vault);
    shown.clear_access_policy();
  }
  return answer;
}

absl::StatusOr<v1::Vault> VaultModel::Call(const Caller& caller,
                                           const v1::UpdateVaultRequest& request,
                                           const v1::Vault*) {
  const v1::Vault& given = request.vault();
  if (Error no = MayManage(caller, given.name(), false); !no.ok()) return no;
  absl::StatusOr<Vault*> vault = FindLive(given.name());
  if (!vault.ok()) return vault.status();
  if (Error no = CheckEtag(given.etag(), (*vault)->revision); !no.ok()) return no;
  Vault changed = **vault;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "tags") changed.tags = TagsFrom(given.tags());
    if (path != "purge_protection") continue;
    // It can be switched on only.
    if (changed.purge_protection && !given.purge_protection()) return InvalidRequest();
    changed.purge_protection = given.purge_protection();
  }
  ++changed.revision;
  changed.update_time = Now();
  **vault = changed;
  return Show(changed);
}

absl::StatusOr<v1::UpdateAccessPolicyResponse> VaultModel::Call(
    const Caller& caller, const PolicyRequest& request, const v1::UpdateAccessPolicyResponse*) {
  if (Error no = MayManage(caller, request.vault(), false); !no.ok()) return no;
  if (request.entries().empty() && request.kind() != PolicyRequest::KIND_REPLACE)
    return InvalidRequest();
  auto answer = Once<PolicyRequest, v1::UpdateAccessPolicyResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::UpdateAccessPolicyResponse> {
        absl::StatusOr<Vault*> vault = FindLive(request.vault());
        if (!vault.ok()) return vault.status();
        if (Error no = CheckEtag(request.etag(), (*vault)->revision); !no.ok()) return no;
        Vault changed = **vault;
        changed.policy = After(request, changed.policy);
        if (changed.policy != (*vault)->policy) {
          ++changed.revision;
          changed.update_time = Now();
        }
        const bool loss = TakesAway((*vault)->policy, changed.policy);
        v1::UpdateAccessPolicyResponse response;
        *response.mutable_vault() = Show(changed);
        if (request.validate_only()) return response;
        if (loss || request.kind() != PolicyRequest::KIND_ADD) response.mutable_delivery();
        **vault = changed;
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

absl::StatusOr<v1::DeleteVaultResponse> VaultModel::Call(const Caller& caller,
                                                         const v1::DeleteVaultRequest& request,
                                                         const v1::DeleteVaultResponse*) {
  if (Error no = MayManage(caller, request.name(), false); !no.ok()) return no;
  auto answer = Once<v1::DeleteVaultRequest, v1::DeleteVaultResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::DeleteVaultResponse> {
        Vault* const vault = Find(request.name());
        if (vault == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
        if (Error no = CheckEtag(request.etag(), vault->revision); !no.ok()) return no;
        Vault changed = *vault;
        if (!changed.delete_time) {
          changed.delete_time = changed.update_time = Now();
          changed.purge_time = Now() + absl::Hours(24) * changed.retention_days;
          ++changed.revision;
        }
        v1::DeleteVaultResponse response;
        *response.mutable_vault() = Show(changed);
        if (request.validate_only()) return response;
        response.mutable_delivery();
        *vault = changed;
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

absl::StatusOr<v1::Vault> VaultModel::Call(const Caller& caller,
                                           const v1::RecoverVaultRequest& request,
                                           const v1::Vault*) {
  if (Error no = MayManage(caller, request.name(), false); !no.ok()) return no;
  return Once<v1::RecoverVaultRequest, v1::Vault>(
      caller, request, [&]() -> absl::StatusOr<v1::Vault> {
        Vault* const vault = Find(request.name());
        if (vault == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
        if (vault->delete_time) {
          vault->delete_time = vault->purge_time = std::nullopt;
          vault->update_time = Now();
          ++vault->revision;
        }
        return Show(*vault);
      });
}

absl::StatusOr<v1::PurgeVaultResponse> VaultModel::Call(const Caller& caller,
                                                        const v1::PurgeVaultRequest& request,
                                                        const v1::PurgeVaultResponse*) {
  if (Error no = MayManage(caller, request.name(), false); !no.ok()) return no;
  auto answer = Once<v1::PurgeVaultRequest, v1::PurgeVaultResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::PurgeVaultResponse> {
        Vault* const vault = Find(request.name());
        if (vault == nullptr) return Refusal(absl::StatusCode::kNotFound, "VAULT_NOT_FOUND");
        if (Error no = CheckEtag(request.etag(), vault->revision); !no.ok()) return no;
        if (!vault->delete_time) return Unmet({"VAULT_NOT_DELETED"});
        if (vault->purge_protection && Now() < *vault->purge_time)
          return Unmet({"PURGE_PROTECTED"});
        v1::PurgeVaultResponse response;
        *response.mutable_vault() = ShowVault(*vault);
        if (request.validate_only()) return response;
        response.mutable_delivery();
        vaults_.erase(request.name().substr(request.name().find('/') + 1));
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

}  // namespace keyward::key_vault::testing
