#include "common/auth/authenticator.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/auth/errors.h"
#include "common/auth/spiffe_id.h"

namespace keyward::auth {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

}  // namespace

Authenticator::Authenticator(std::string trust_domain, const TokenVerifier& tokens,
                             FreshnessCheck fresh)
    : trust_domain_(std::move(trust_domain)), tokens_(tokens), fresh_(std::move(fresh)) {}

Authenticator::Result Authenticator::Authenticate(const Credentials& credentials) const {
  absl::StatusOr<Caller> caller = CallerFromSpiffeId(credentials.spiffe_id, trust_domain_);
  if (!caller.ok()) {
    return {.caller = CertificateRequired(trust_domain_),
            .cause = std::string(caller.status().message()),
            .spiffe_id = ""};
  }
  if (credentials.authorization) {
    return AuthenticateToken(*std::move(caller), *credentials.authorization);
  }
  std::string spiffe_id = caller->principal;
  return {.caller = std::move(caller), .cause = "", .spiffe_id = std::move(spiffe_id)};
}

Authenticator::Result Authenticator::AuthenticateToken(Caller via,
                                                       absl::string_view authorization) const {
  Result result{.caller = TokenInvalid(), .cause = "", .spiffe_id = std::move(via.principal)};
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    result.cause = "authorization is not 'Bearer …'";
    return result;
  }
  if (absl::Status fresh = fresh_(); !fresh.ok()) {
    result.cause = std::string(fresh.message());
    result.caller = std::move(fresh);
    return result;
  }
  absl::StatusOr<TokenClaims> claims = tokens_.Verify(authorization.substr(kScheme.size()));
  if (!claims.ok()) {
    result.cause = std::string(claims.status().message());
    return result;
  }
  result.caller = Caller{.kind = Caller::Kind::kIdentity,
                         .principal = claims->subject,
                         .name = "",
                         .via = result.spiffe_id,
                         .tenant = claims->tenant,
                         .resource = claims->resource};
  return result;
}

}  // namespace keyward::auth
