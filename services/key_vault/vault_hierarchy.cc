#include "services/key_vault/vault_hierarchy.h"

#include <optional>

#include "absl/strings/match.h"
#include "common/status/status_macros.h"
#include "services/key_vault/names.h"
#include "services/key_vault/subscription_store.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

// What lies above a resource of this service, the nearest first, without the root.
absl::StatusOr<std::vector<std::string>> AboveKeyOrVault(storage::Transaction& tx,
                                                         absl::string_view resource,
                                                         const VaultName& vault_name) {
  std::vector<std::string> above;
  KW_ASSIGN_OR_RETURN(const std::optional<Vault> vault, VaultStore(tx).Find(vault_name));
  if (!vault.has_value()) return above;
  const absl::StatusOr<KeyReference> key = KeyReference::Parse(resource);
  if (key.ok() && !key->version.empty()) above.push_back(key->key.ToString());
  if (key.ok()) above.push_back(vault_name.ToString());
  above.push_back(vault->subscription);
  return above;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> VaultHierarchy::Ancestors(absl::string_view resource) {
  std::vector<std::string> ancestors;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    ancestors = {std::string(resource)};
    if (const absl::StatusOr<VaultName> vault = VaultOf(resource); vault.ok()) {
      KW_ASSIGN_OR_RETURN(const std::vector<std::string> above,
                          AboveKeyOrVault(tx, resource, *vault));
      ancestors.insert(ancestors.end(), above.begin(), above.end());
    }
    if (absl::StartsWith(ancestors.back(), "subscriptions/")) {
      KW_ASSIGN_OR_RETURN(const std::optional<std::string> tenant,
                          SubscriptionStore(tx).FindTenant(ancestors.back()));
      if (tenant.has_value()) ancestors.push_back(*tenant);
    }
    if (ancestors.back() != "/") ancestors.push_back("/");
    return absl::OkStatus();
  }));
  return ancestors;
}

}  // namespace keyward::key_vault
