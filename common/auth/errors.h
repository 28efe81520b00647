#ifndef KEYWARD_COMMON_AUTH_ERRORS_H_
#define KEYWARD_COMMON_AUTH_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::auth {

// The errors of protos/keyward/auth/v1/errors.proto that are about who calls and what it may do.

// UNAUTHENTICATED.
absl::Status CertificateRequired(absl::string_view trust_domain);

// UNAUTHENTICATED. The same for every cause.
absl::Status TokenInvalid();

// PERMISSION_DENIED, naming the permission that the caller lacks and the roles that have it; empty
// if no role would let it in. The same whether the resource exists or not.
absl::Status NotAuthorized(absl::string_view permission = "");

// UNAVAILABLE. Nothing has been heard yet from the service that decides over rights.
absl::Status IdentityFeedStale();

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_ERRORS_H_
