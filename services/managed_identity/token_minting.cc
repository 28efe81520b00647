#include "services/managed_identity/token_minting.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kAudiences[] = {"key_vault", "encryption", "model_deployment",
                                            "managed_identity"};
constexpr absl::Duration kShortestLifetime = absl::Seconds(1);

absl::Status CheckAudience(const std::string& audience) {
  if (absl::c_linear_search(kAudiences, audience)) return absl::OkStatus();
  return InvalidField("audience", absl::StrCat("must be the service that shall accept the token: ",
                                               absl::StrJoin(kAudiences, ", ")));
}

absl::StatusOr<absl::Duration> ParseLifetime(const google::protobuf::Duration* wanted) {
  if (wanted == nullptr) return auth::kMaxTokenLifetime;
  const absl::Duration lifetime =
      absl::Seconds(wanted->seconds()) + absl::Nanoseconds(wanted->nanos());
  if (lifetime < kShortestLifetime || lifetime > auth::kMaxTokenLifetime) {
    return InvalidField(
        "lifetime", absl::StrCat("must be from ", absl::FormatDuration(kShortestLifetime), " to ",
                                 absl::FormatDuration(auth::kMaxTokenLifetime)));
  }
  return lifetime;
}

// On a whole second, as the claim has it: rounded up, so that no lifetime becomes none, but never
// beyond the longest.
absl::Time Expiry(absl::Time issued_at, absl::Duration lifetime) {
  const absl::Time exact = issued_at + lifetime;
  const absl::Time floor = absl::FromUnixSeconds(absl::ToUnixSeconds(exact));
  const absl::Time ceiling = floor == exact ? exact : floor + absl::Seconds(1);
  return ceiling - issued_at > auth::kMaxTokenLifetime ? floor : ceiling;
}

}  // namespace

absl::StatusOr<TokenOrder> TokenOrder::Parse(const std::string& audience,
                                             const google::protobuf::Duration* lifetime) {
  KW_RETURN_IF_ERROR(CheckAudience(audience));
  KW_ASSIGN_OR_RETURN(const absl::Duration parsed, ParseLifetime(lifetime));
  return TokenOrder{audience, parsed};
}

TokenBearer::TokenBearer(const Identity& of)
    : principal(of.principal_id),
      tenant(of.tenant.ToString()),
      identity(of.name.ToString()),
      resource(of.resource),
      not_before(of.not_before) {}

// As ToEvent tells it.
TokenBearer::TokenBearer(const OidcOperator& of)
    : principal(of.principal()),
      tenant(of.issuer),
      identity(kOperators),
      resource(kOperators),
      not_before(of.not_before) {}

auth::TokenClaims ClaimsFor(const TokenBearer& bearer, const TokenOrder& order,
                            const std::string& issuer, absl::Time now) {
  const absl::Time issued_at = std::max(now, bearer.not_before);
  return {.issuer = issuer,
          .subject = bearer.principal,
          .audience = order.audience,
          .tenant = bearer.tenant,
          .app_id = bearer.identity,
          .resource = bearer.resource,
          .id = NewUuid(),
          .issued_at = issued_at,
          .not_before = issued_at,
          .expires = Expiry(issued_at, order.lifetime)};
}

}  // namespace keyward::managed_identity
