#ifndef KEYWARD_COMMON_AUTH_TOKEN_H_
#define KEYWARD_COMMON_AUTH_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward::auth {

// No token lives longer, and a verifier refuses one that claims to.
inline constexpr absl::Duration kMaxTokenLifetime = absl::Minutes(10);

// What a token says: the payload of a compact ES256 JWT. A plain value.
struct TokenClaims {
  // iss: the issuer, as SigningKeysChanged publishes it.
  std::string issuer;
  // sub and oid: the principal id.
  std::string subject;
  // aud: the one service that shall accept it, such as "key_vault".
  std::string audience;
  // tid: the tenant of the principal, as "tenants/{tenant}".
  std::string tenant;
  // appid: the identity, as "identities/{identity}".
  std::string app_id;
  // xms_mirid: the resource whose identity it is, such as "accounts/contoso".
  std::string resource;
  // jti: unique for ever.
  std::string id;
  // iat: to the microsecond, so that a principal's "not before" mark cuts exactly.
  absl::Time issued_at;
  // nbf and exp: to the second on the wire.
  absl::Time not_before;
  absl::Time expires;
};

// The payload as JSON, for the issuer to sign.
std::string ClaimsToJson(const TokenClaims& claims);

// The inverse. INVALID_ARGUMENT if a claim is missing, has the wrong type, or sub and oid differ.
absl::StatusOr<TokenClaims> ClaimsFromJson(absl::string_view json);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_TOKEN_H_
