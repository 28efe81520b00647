#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_CHANGE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_CHANGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "keyward/identity/v1/roles.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/role_assignment.h"

namespace keyward::managed_identity {

// Gives a role inside one change: a new assignment and a RoleAssignmentCreated. ALREADY_EXISTS
// (ROLE_ASSIGNMENT_EXISTS).
absl::StatusOr<RoleAssignment> AssignRole(Change& change, const std::string& principal,
                                          identity::v1::Role role, const ResourcePath& scope);

// Takes one away inside one change: a RoleAssignmentDeleted, and the tokens that the principal has
// got so far are worthless. Returns what it was, with the event's sequence. NOT_FOUND;
// FAILED_PRECONDITION (LAST_ADMINISTRATOR).
absl::StatusOr<RoleAssignment> WithdrawRole(Change& change, const RoleAssignmentName& name);

// Takes away every role on a resource that goes, or goes to somebody else, and on what is below it:
// they must not be found again on the next resource of that name, or in the next one's hands.
// Returns them, the last event's last.
absl::StatusOr<std::vector<RoleAssignment>> WithdrawRolesWithin(Change& change,
                                                                const std::string& resource);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_CHANGE_H_
