#ifndef KEYWARD_SERVICES_KEY_VAULT_VAULT_HIERARCHY_H_
#define KEYWARD_SERVICES_KEY_VAULT_VAULT_HIERARCHY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/resource_hierarchy.h"
#include "common/storage/database.h"

namespace keyward::key_vault {

// Keys lie in vaults, vaults in subscriptions, subscriptions in the tenant that managed_identity
// last told of: whoever a subscription was moved to manages its vaults from then on (their keys
// serve the old tenant alone). Thread-safe.
class VaultHierarchy final : public auth::ResourceHierarchy {
 public:
  explicit VaultHierarchy(storage::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override;

 private:
  storage::Database& database_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VAULT_HIERARCHY_H_
