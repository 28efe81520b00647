#include "common/auth/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/auth/roles.h"
#include "common/status/error.h"

namespace keyward::auth {

absl::Status CertificateRequired(absl::string_view trust_domain) {
  return ErrorBuilder(
      absl::StatusCode::kUnauthenticated, "CERTIFICATE_REQUIRED",
      absl::StrCat("Call with a client certificate whose only URI name is "
                   "spiffe://",
                   trust_domain, "/operator/{name}, /workload/{name} or /service/{name}."));
}

absl::Status TokenInvalid() {
  return ErrorBuilder(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                      "The bearer token is not valid here. Get a new one for this service from "
                      "keyward.identity.v1.TokenService: services by IssueToken, workloads and "
                      "operators by ExchangeToken.");
}

absl::Status NotAuthorized(absl::string_view permission) {
  const std::string refusal = "The caller may not do this, or the resource does not exist.";
  if (permission.empty()) {
    return ErrorBuilder(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED", refusal);
  }
  const std::string roles =
      absl::StrJoin(RolesWith(permission), ", ", [](std::string* out, identity::v1::Role role) {
        absl::StrAppend(out, identity::v1::Role_Name(role));
      });
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED",
                      absl::StrCat(refusal, " It needs the permission ", permission,
                                   " on the resource or above it, which these roles have: ", roles,
                                   ". An administrator gives it one with "
                                   "keyward.identity.v1.RoleService/CreateRoleAssignment."))
      .With("permission", std::string(permission));
}

absl::Status IdentityFeedStale() {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "FEED_STALE",
                      "Nothing has been heard from managed_identity yet, so rights cannot be "
                      "checked. It resumes by itself; try again.")
      .With("source", "managed_identity")
      .RetryAfter(absl::Seconds(1));
}

}  // namespace keyward::auth
