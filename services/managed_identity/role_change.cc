#include "services/managed_identity/role_change.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/status/status_macros.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/oidc_operator.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

absl::Status CheckNotLast(storage::Transaction& tx, const RoleAssignment& assignment) {
  if (!assignment.keeps_the_door_open()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const std::vector<RoleAssignment> administrators,
                      RoleAssignmentsOn(tx, assignment.role, assignment.scope));
  const bool others = absl::c_any_of(administrators, [&](const RoleAssignment& other) {
    return other.keeps_the_door_open() && !(other.name == assignment.name);
  });
  return others ? absl::OkStatus() : LastAdministrator(assignment.name);
}

absl::StatusOr<absl::Time> RefuseTokensOfOperator(Change& change, const std::string& principal) {
  KW_ASSIGN_OR_RETURN(std::optional<OidcOperator> found, FindOidcOperator(change.tx(), principal));
  if (!found.has_value()) return change.now();
  found->RefuseTokens(change.now());
  KW_RETURN_IF_ERROR(SaveOidcOperator(change.tx(), *found));
  return found->not_before;
}

// Makes an operator known that a role assignment names for the first time: verifiers refuse tokens
// of principals that nobody told them of.
absl::Status IntroduceOperator(Change& change, const std::string& principal) {
  std::optional<OidcOperator> oidc_operator = OidcOperator::Parse(principal);
  if (!oidc_operator.has_value()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const auto known, FindOidcOperator(change.tx(), principal));
  if (known.has_value()) return absl::OkStatus();
  oidc_operator->not_before = change.now();
  KW_ASSIGN_OR_RETURN(oidc_operator->last_event,
                      change.Publish("OperatorChanged", principal, ToEvent(*oidc_operator)));
  return SaveOidcOperator(change.tx(), *oidc_operator);
}

// Raises the mark of the principal, and returns it.
absl::StatusOr<absl::Time> RefuseTokens(Change& change, const std::string& principal) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity,
                      FindIdentityOfPrincipal(change.tx(), principal));
  if (!identity.has_value()) return RefuseTokensOfOperator(change, principal);
  identity->RefuseTokensUntil(change.now());
  KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), *identity));
  return identity->not_before;
}

}  // namespace

absl::StatusOr<RoleAssignment> AssignRole(Change& change, const std::string& principal,
                                          identity::v1::Role role, const ResourcePath& scope) {
  KW_ASSIGN_OR_RETURN(const std::optional<RoleAssignment> existing,
                      FindRoleAssignment(change.tx(), principal, role, scope));
  if (existing.has_value()) {
    return RoleAssignmentExists(existing->name, principal, identity::v1::Role_Name(role),
                                scope.ToString());
  }
  KW_RETURN_IF_ERROR(IntroduceOperator(change, principal));
  RoleAssignment made = {RoleAssignmentName::FromTrustedId(NewUuid()), principal, role, scope,
                         change.now()};
  identity::v1::RoleAssignmentChanged event;
  *event.mutable_role_assignment() = ToProto(made);
  KW_ASSIGN_OR_RETURN(made.last_event,
                      change.Publish("RoleAssignmentCreated", made.name.ToString(), event));
  KW_RETURN_IF_ERROR(InsertRoleAssignment(change.tx(), made));
  return made;
}

absl::StatusOr<RoleAssignment> WithdrawRole(Change& change, const RoleAssignmentName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<RoleAssignment> assignment,
                      FindRoleAssignment(change.tx(), name));
  if (!assignment.has_value()) return RoleAssignmentNotFound(name);
  KW_RETURN_IF_ERROR(CheckNotLast(change.tx(), *assignment));
  KW_ASSIGN_OR_RETURN(const absl::Time not_before, RefuseTokens(change, assignment->principal));
  identity::v1::RoleAssignmentChanged event;
  *event.mutable_role_assignment() = ToProto(*assignment);
  event.set_deleted(true);
  *event.mutable_not_before() = ToProto(not_before);
  KW_ASSIGN_OR_RETURN(assignment->last_event,
                      change.Publish("RoleAssignmentDeleted", name.ToString(), event));
  KW_RETURN_IF_ERROR(DeleteRoleAssignment(change.tx(), name));
  return *std::move(assignment);
}

absl::StatusOr<std::vector<RoleAssignment>> WithdrawRolesWithin(Change& change,
                                                                const std::string& resource) {
  KW_ASSIGN_OR_RETURN(std::vector<RoleAssignment> within,
                      RoleAssignmentsWithin(change.tx(), resource));
  for (RoleAssignment& assignment : within) {
    KW_ASSIGN_OR_RETURN(assignment, WithdrawRole(change, assignment.name));
  }
  return within;
}

}  // namespace keyward::managed_identity
