#include "services/encryption/account_hierarchy.h"

#include <optional>

#include "absl/status/status.h"
#include "common/status/status_macros.h"

namespace keyward::encryption {

absl::StatusOr<std::vector<std::string>> AccountHierarchy::Ancestors(absl::string_view resource) {
  std::vector<std::string> ancestors = {std::string(resource)};
  std::string subscription(resource);
  if (const absl::StatusOr<AccountName> name = AccountName::Parse(resource, "name"); name.ok()) {
    const absl::StatusOr<AccountPtr> account = directory_.Find(*name);
    if (!account.ok() && !absl::IsNotFound(account.status())) return account.status();
    if (account.ok()) {
      subscription = (*account)->subscription;
      ancestors.push_back(subscription);
    }
  }
  if (const std::optional<std::string> tenant = replica_.TenantOf(subscription)) {
    ancestors.push_back(*tenant);
  }
  ancestors.push_back("/");
  return ancestors;
}

}  // namespace keyward::encryption
