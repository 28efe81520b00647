#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HIERARCHY_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HIERARCHY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/resource_hierarchy.h"
#include "common/storage/database.h"

namespace keyward::managed_identity {

// What lies above a resource, as far as this service knows: tenants hold subscriptions, these the
// resources whose identities are registered here, and those their identities; a role assignment
// lies below its scope. Of other services' resources only the names above are known. Thread-safe.
class IdentityHierarchy final : public auth::ResourceHierarchy {
 public:
  explicit IdentityHierarchy(storage::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override;

 private:
  storage::Database& database_;
};

// What Ancestors says, as it stands in a transaction.
absl::StatusOr<std::vector<std::string>> AncestorsIn(storage::Transaction& tx,
                                                     absl::string_view resource);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HIERARCHY_H_
