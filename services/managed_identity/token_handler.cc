#include "services/managed_identity/token_handler.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/token.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
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

absl::StatusOr<absl::Duration> ParseLifetime(const identity::v1::IssueTokenRequest& request) {
  if (!request.has_lifetime()) return auth::kMaxTokenLifetime;
  const absl::Duration lifetime =
      absl::Seconds(request.lifetime().seconds()) + absl::Nanoseconds(request.lifetime().nanos());
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

absl::StatusOr<Identity> RequireEnabled(storage::Transaction& tx, const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, name));
  if (!identity.has_value()) return IdentityNotFound(name);
  if (identity->state == IdentityState::kDeleted) return IdentityDeleted(name);
  if (!identity->enabled()) return IdentityDisabled(name, identity->state_reason);
  return *std::move(identity);
}

}  // namespace

absl::StatusOr<identity::v1::IssueTokenResponse> TokenHandler::Issue(
    const server::CallContext& call, const identity::v1::IssueTokenRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.identity(), "identity"));
  KW_RETURN_IF_ERROR(CheckAudience(request.audience()));
  KW_ASSIGN_OR_RETURN(const absl::Duration lifetime, ParseLifetime(request));
  KW_ASSIGN_OR_RETURN(
      const Identity identity,
      changes_.Read<Identity>([&](storage::Transaction& tx) { return RequireEnabled(tx, name); }));
  // Never before the mark, which may lie a moment ahead of the clock (Identity::RefuseTokensUntil).
  const absl::Time issued_at = std::max(clock_.Now(), identity.not_before);
  const auth::TokenClaims claims = {.issuer = signer_.issuer(),
                                    .subject = identity.principal_id,
                                    .audience = request.audience(),
                                    .tenant = identity.tenant.ToString(),
                                    .app_id = identity.name.ToString(),
                                    .resource = identity.resource,
                                    .id = NewUuid(),
                                    .issued_at = issued_at,
                                    .not_before = issued_at,
                                    .expires = Expiry(issued_at, lifetime)};
  call.Note("principal_id", claims.subject);
  call.Note("audience", claims.audience);
  call.Note("token_id", claims.id);
  identity::v1::IssueTokenResponse response;
  KW_ASSIGN_OR_RETURN(*response.mutable_token(), signer_.Sign(claims));
  *response.mutable_expire_time() = ToProto(claims.expires);
  response.set_principal_id(identity.principal_id);
  return response;
}

absl::StatusOr<identity::v1::GetSigningKeysResponse> TokenHandler::GetSigningKeys() const {
  identity::v1::GetSigningKeysResponse response;
  for (const identity::v1::SigningKey& key : signer_.public_keys()) *response.add_keys() = key;
  return response;
}

}  // namespace keyward::managed_identity
