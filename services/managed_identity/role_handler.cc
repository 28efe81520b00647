#include "services/managed_identity/role_handler.h"

#include <optional>
#include <string>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/federation_errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/oidc_operator.h"
#include "services/managed_identity/role_assignment.h"
#include "services/managed_identity/role_change.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {
namespace {

// What `find` looks up must be there; `missing` makes the error.
template <typename Name, typename Find, typename Missing>
absl::Status Require(storage::Transaction& tx, const ResourcePath& scope, Find find,
                     Missing missing) {
  KW_ASSIGN_OR_RETURN(const Name name, Name::Parse(scope.ToString(), "role_assignment.scope"));
  KW_ASSIGN_OR_RETURN(const auto found, find(tx, name));
  return found.has_value() ? absl::OkStatus() : missing("role_assignment.scope", name);
}

absl::StatusOr<std::optional<Identity>> FindLivingIdentity(storage::Transaction& tx,
                                                           const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, name));
  if (identity.has_value() && identity->state == IdentityState::kDeleted) return std::nullopt;
  return identity;
}

// Only this service's own resources can be looked up; a role on another's counts once that exists.
absl::Status CheckScope(storage::Transaction& tx, const ResourcePath& scope) {
  if (scope.collection() == TenantKind::kCollection) {
    return Require<TenantName>(tx, scope, FindTenant, NamedTenantNotFound);
  }
  if (scope.collection() == SubscriptionKind::kCollection) {
    return Require<SubscriptionName>(tx, scope, FindSubscription, NamedSubscriptionNotFound);
  }
  if (scope.collection() == IdentityKind::kCollection) {
    return Require<IdentityName>(tx, scope, FindLivingIdentity, NamedIdentityNotFound);
  }
  return absl::OkStatus();
}

absl::Status CheckGrantee(storage::Transaction& tx, const Grantee& grantee) {
  if (grantee.is_oidc) {
    const std::string issuer = OidcOperator::Parse(grantee.principal)->issuer;
    KW_ASSIGN_OR_RETURN(const auto trusted, FindTrustedIssuer(tx, issuer));
    if (trusted.has_value() && trusted->operators) return absl::OkStatus();
    if (trusted.has_value()) {
      return NamedIssuerNotOfOperators("role_assignment.principal", issuer);
    }
    KW_ASSIGN_OR_RETURN(const std::string similar, SimilarTrustedIssuer(tx, issuer));
    return NamedIssuerNotTrusted("role_assignment.principal", issuer, similar);
  }
  if (!grantee.is_identity) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const auto identity, FindIdentityOfPrincipal(tx, grantee.principal));
  return identity.has_value() ? absl::OkStatus() : PrincipalNotFound(grantee.principal);
}

// Who got or lost which role where; its name tells nothing of that.
void NoteAssignment(const server::CallContext& call,
                    const identity::v1::RoleAssignment& assignment) {
  call.Note("principal", assignment.principal());
  call.Note("role", identity::v1::Role_Name(assignment.role()));
  call.Note("scope", assignment.scope());
}

}  // namespace

absl::StatusOr<identity::v1::RoleAssignment> RoleHandler::Create(
    const server::CallContext& call,
    const identity::v1::CreateRoleAssignmentRequest& request) const {
  const identity::v1::RoleAssignment& wanted = request.role_assignment();
  KW_ASSIGN_OR_RETURN(const Grantee grantee,
                      ParseGrantee(wanted.principal(), trust_domain_, "role_assignment.principal"));
  KW_ASSIGN_OR_RETURN(const identity::v1::Role role,
                      ParseRole(wanted.role(), "role_assignment.role"));
  KW_ASSIGN_OR_RETURN(const ResourcePath scope,
                      ResourcePath::Parse(wanted.scope(), "role_assignment.scope"));
  NoteAssignment(call, wanted);
  using Answer = identity::v1::RoleAssignment;
  KW_ASSIGN_OR_RETURN(
      Answer answer,
      changes_.Commit<Answer>(call, request, [&](Change& change) -> absl::StatusOr<Answer> {
        KW_RETURN_IF_ERROR(CheckGrantee(change.tx(), grantee));
        KW_RETURN_IF_ERROR(CheckScope(change.tx(), scope));
        KW_ASSIGN_OR_RETURN(const RoleAssignment made,
                            AssignRole(change, grantee.principal, role, scope));
        return ToProto(made);
      }));
  KW_ASSIGN_OR_RETURN(const auto stored,
                      changes_.Read<std::optional<RoleAssignment>>([&](storage::Transaction& tx) {
                        return FindRoleAssignment(tx, grantee.principal, role, scope);
                      }));
  KW_RETURN_IF_ERROR(
      changes_.AwaitDelivery(call, stored.has_value() ? stored->last_event : 0).status());
  return answer;
}

absl::StatusOr<identity::v1::ListRoleAssignmentsResponse> RoleHandler::List(
    const identity::v1::ListRoleAssignmentsRequest& request) const {
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  KW_ASSIGN_OR_RETURN(
      const ResourcePath scope,
      ResourcePath::Parse(request.scope().empty() ? "/" : request.scope(), "scope"));
  KW_ASSIGN_OR_RETURN(std::vector<RoleAssignment> assignments,
                      changes_.Read<std::vector<RoleAssignment>>([&](storage::Transaction& tx) {
                        return ListRoleAssignments(tx, scope, page.after, page.limit());
                      }));
  identity::v1::ListRoleAssignmentsResponse response;
  response.set_next_page_token(storage::CutPage(
      request, page, assignments, [](const RoleAssignment& last) { return last.name.id(); }));
  for (const RoleAssignment& assignment : assignments) {
    *response.add_role_assignments() = ToProto(assignment);
  }
  return response;
}

absl::StatusOr<identity::v1::DeleteRoleAssignmentResponse> RoleHandler::Delete(
    const server::CallContext& call,
    const identity::v1::DeleteRoleAssignmentRequest& request) const {
  KW_ASSIGN_OR_RETURN(const RoleAssignmentName name,
                      RoleAssignmentName::Parse(request.name(), "name"));
  using Response = identity::v1::DeleteRoleAssignmentResponse;
  const auto withdraw = [&](Change& change) -> absl::StatusOr<Response> {
    KW_ASSIGN_OR_RETURN(const RoleAssignment withdrawn, WithdrawRole(change, name));
    Response answer;
    *answer.mutable_role_assignment() = ToProto(withdrawn);
    NoteAssignment(call, answer.role_assignment());
    answer.mutable_delivery()->set_sequence(withdrawn.last_event);
    return answer;
  };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, withdraw));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, withdraw));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
