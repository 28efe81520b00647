#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_MINTING_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_MINTING_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/token.h"
#include "google/protobuf/duration.pb.h"
#include "services/managed_identity/identity.h"
#include "services/managed_identity/oidc_operator.h"

namespace keyward::managed_identity {

// What a caller wants of a token, whoever it shall be for. A value.
struct TokenOrder {
  std::string audience;
  absl::Duration lifetime;

  // From the fields `audience` and `lifetime` of a request; `lifetime` may be null.
  // INVALID_ARGUMENT naming the field.
  static absl::StatusOr<TokenOrder> Parse(const std::string& audience,
                                          const google::protobuf::Duration* lifetime);
};

// Whom a token is for: what verifiers know of the principal. A value.
struct TokenBearer {
  explicit TokenBearer(const Identity& identity);
  explicit TokenBearer(const OidcOperator& oidc_operator);

  std::string principal;
  std::string tenant;
  std::string identity;
  std::string resource;
  absl::Time not_before;
};

// The claims of a new token of `issuer`. It is issued at `now`, but never before the mark of its
// principal, which may lie a moment ahead of the clock.
auth::TokenClaims ClaimsFor(const TokenBearer& bearer, const TokenOrder& order,
                            const std::string& issuer, absl::Time now);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_MINTING_H_
