#include "services/managed_identity/caller_rights.h"

#include <string>

#include "absl/algorithm/container.h"
#include "common/auth/authorizer.h"
#include "common/auth/errors.h"
#include "common/auth/roles.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/identity_hierarchy.h"
#include "services/managed_identity/role_store.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kRoot = "/";

}  // namespace

absl::StatusOr<CallerRights> CallerRights::Load(storage::Transaction& tx,
                                                const auth::Caller& caller) {
  KW_ASSIGN_OR_RETURN(std::vector<RoleAssignment> roles, RoleAssignmentsOf(tx, caller.principal));
  return CallerRights(tx, std::move(roles));
}

bool CallerRights::HasRole(absl::string_view permission, absl::string_view scope) const {
  return absl::c_any_of(roles_, [&](const RoleAssignment& assignment) {
    return assignment.scope.ToString() == scope && auth::RolePermits(assignment.role, permission);
  });
}

absl::StatusOr<bool> CallerRights::Include(absl::string_view permission,
                                           absl::string_view resource) const {
  if (HasRole(permission, kRoot)) return true;
  KW_ASSIGN_OR_RETURN(const std::vector<std::string> scopes, AncestorsIn(tx_, resource));
  return absl::c_any_of(scopes,
                        [&](const std::string& scope) { return HasRole(permission, scope); });
}

absl::Status CallerRights::Require(absl::string_view permission, absl::string_view resource) const {
  KW_ASSIGN_OR_RETURN(const bool included, Include(permission, resource));
  return included ? absl::OkStatus() : auth::NotAuthorized(permission);
}

absl::Status StillAuthorized(storage::Transaction& tx, const server::CallContext& call) {
  if (call.rule == nullptr || auth::Authorizer::LetsInWithoutRight(call.caller, *call.rule)) {
    return absl::OkStatus();
  }
  KW_ASSIGN_OR_RETURN(const CallerRights rights, CallerRights::Load(tx, call.caller));
  return rights.Require(call.rule->permission(),
                        call.resource.empty() ? kRoot : absl::string_view(call.resource));
}

}  // namespace keyward::managed_identity
