#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/role_assignment.h"

namespace keyward::managed_identity {

// Role assignments in the database. Errors are those of Transaction.

absl::StatusOr<std::optional<RoleAssignment>> FindRoleAssignment(storage::Transaction& tx,
                                                                 const RoleAssignmentName& name);
// The one with this principal, role and scope; there is never a second.
absl::StatusOr<std::optional<RoleAssignment>> FindRoleAssignment(storage::Transaction& tx,
                                                                 const std::string& principal,
                                                                 identity::v1::Role role,
                                                                 const ResourcePath& scope);
// The first `limit` role assignments on a resource and on what is below it by name, all for the
// root, whose id follows `after`, by id.
absl::StatusOr<std::vector<RoleAssignment>> ListRoleAssignments(storage::Transaction& tx,
                                                                const ResourcePath& scope,
                                                                const std::string& after,
                                                                int limit);
// All that give `role` on exactly `scope`.
absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsOn(storage::Transaction& tx,
                                                              identity::v1::Role role,
                                                              const ResourcePath& scope);
// All on a resource and on what is below it.
absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsWithin(storage::Transaction& tx,
                                                                  const std::string& resource);
// All of a principal; and whether it holds any.
absl::StatusOr<std::vector<RoleAssignment>> RoleAssignmentsOf(storage::Transaction& tx,
                                                              const std::string& principal);
absl::StatusOr<bool> HoldsAnyRole(storage::Transaction& tx, const std::string& principal);
absl::Status InsertRoleAssignment(storage::Transaction& tx, const RoleAssignment& assignment);
absl::Status DeleteRoleAssignment(storage::Transaction& tx, const RoleAssignmentName& name);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_STORE_H_
