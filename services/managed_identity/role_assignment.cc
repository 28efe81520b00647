#include "services/managed_identity/role_assignment.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/status/error.h"
#include "services/managed_identity/oidc_operator.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kSpiffe = "spiffe://";

}  // namespace

bool RoleAssignment::keeps_the_door_open() const {
  return role == identity::v1::ROLE_ADMINISTRATOR && scope.is_root() &&
         absl::StartsWith(principal, kSpiffe) && absl::StrContains(principal, "/operator/");
}

absl::StatusOr<Grantee> ParseGrantee(absl::string_view principal, absl::string_view trust_domain,
                                     absl::string_view field) {
  if (IsUuid(principal)) return Grantee{std::string(principal), /*is_identity=*/true};
  const auto caller = auth::CallerFromSpiffeId(principal, trust_domain);
  if (caller.ok() && caller->kind != auth::Caller::Kind::kWorkload) {
    return Grantee{std::string(principal), /*is_identity=*/false};
  }
  if (OidcOperator::Parse(principal).has_value()) {
    return Grantee{std::string(principal), /*is_identity=*/false, /*is_oidc=*/true};
  }
  return InvalidField(
      field,
      absl::StrCat("must be a SPIFFE ID of this installation, such as \"", kSpiffe, trust_domain,
                   "/operator/alice\", the principal_id of an enabled identity (a UUID), or "
                   "\"oidc:{issuer}#{sub}\""));
}

absl::StatusOr<identity::v1::Role> ParseRole(int role, absl::string_view field) {
  if (role == identity::v1::ROLE_UNSPECIFIED || !identity::v1::Role_IsValid(role)) {
    return InvalidField(field, "must be one of the roles, such as ROLE_READER");
  }
  return static_cast<identity::v1::Role>(role);
}

}  // namespace keyward::managed_identity
