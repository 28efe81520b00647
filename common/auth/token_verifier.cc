#include "common/auth/token_verifier.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/clock/utc.h"
#include "common/crypto/jws.h"
#include "common/status/status_macros.h"

namespace keyward::auth {
namespace {

// How far the issuer's clock may run ahead of ours. An expiry is never stretched.
constexpr absl::Duration kClockSkew = absl::Seconds(60);

// Some kilobytes each.
constexpr size_t kRememberedTokens = 4096;

absl::Status Bad(absl::string_view what) { return absl::UnauthenticatedError(what); }

absl::Status NoSuchKey(absl::string_view key_id, absl::string_view issuer) {
  return Bad(absl::StrCat("no signing key '", key_id, "' of issuer '", issuer, "'"));
}

}  // namespace

TokenVerifier::TokenVerifier(std::string audience, const PrincipalDirectory& directory,
                             const clock::Clock& clock)
    : audience_(std::move(audience)),
      directory_(directory),
      clock_(clock),
      verified_(kRememberedTokens) {}

absl::StatusOr<TokenClaims> TokenVerifier::Verify(absl::string_view token) const {
  KW_ASSIGN_OR_RETURN(TokenClaims claims, VerifyForAnyAudience(token));
  if (claims.audience != audience_) {
    return Bad(absl::StrCat("audience is '", claims.audience, "', not '", audience_, "'"));
  }
  return claims;
}

absl::StatusOr<TokenClaims> TokenVerifier::VerifyForAnyAudience(absl::string_view token) const {
  std::shared_ptr<const VerifiedTokens::Token> verified = verified_.Find(token);
  if (verified == nullptr) {
    KW_ASSIGN_OR_RETURN(verified, CheckSignature(token));
    verified_.Add(token, verified);
  } else if (!directory_.FindSigningKey(verified->claims.issuer, verified->key_id)) {
    return NoSuchKey(verified->key_id, verified->claims.issuer);
  }
  KW_RETURN_IF_ERROR(CheckTimes(verified->claims));
  KW_RETURN_IF_ERROR(CheckPrincipal(verified->claims));
  return verified->claims;
}

absl::StatusOr<std::shared_ptr<const VerifiedTokens::Token>> TokenVerifier::CheckSignature(
    absl::string_view token) const {
  // The issuer is needed to find the key, and believed once the signature holds.
  KW_ASSIGN_OR_RETURN(const crypto::UnverifiedJws jws, crypto::ParseJws(token));
  absl::StatusOr<TokenClaims> claims = ClaimsFromJson(jws.payload);
  if (!claims.ok()) return Bad(claims.status().message());
  const std::optional<crypto::EcPublicKey> key =
      directory_.FindSigningKey(claims->issuer, jws.key_id);
  if (!key) return NoSuchKey(jws.key_id, claims->issuer);
  KW_RETURN_IF_ERROR(crypto::VerifyParsedJws(jws, crypto::kTokenType, *key));
  return std::make_shared<const VerifiedTokens::Token>(
      VerifiedTokens::Token{jws.key_id, *std::move(claims)});
}

absl::Status TokenVerifier::CheckTimes(const TokenClaims& claims) const {
  const absl::Time now = clock_.Now();
  if (claims.expires <= now) return Bad(absl::StrCat("expired at ", FormatUtc(claims.expires)));
  if (claims.not_before > now + kClockSkew || claims.issued_at > now + kClockSkew) {
    return Bad(absl::StrCat("not valid before ", FormatUtc(claims.not_before)));
  }
  // exp is rounded to seconds, iat is not.
  if (claims.expires - claims.issued_at > kMaxTokenLifetime + absl::Seconds(1)) {
    return Bad(absl::StrCat("lives longer than ", absl::FormatDuration(kMaxTokenLifetime)));
  }
  return absl::OkStatus();
}

absl::Status TokenVerifier::CheckPrincipal(const TokenClaims& claims) const {
  const std::optional<Principal> principal = directory_.FindPrincipal(claims.subject);
  if (!principal || !principal->active) {
    return Bad(absl::StrCat("principal ", claims.subject, " does not exist"));
  }
  if (claims.issued_at < principal->not_before) {
    return Bad(absl::StrCat("issued before principal ", claims.subject, " last changed, at ",
                            FormatUtc(principal->not_before)));
  }
  if (claims.tenant != principal->tenant || claims.resource != principal->resource ||
      claims.app_id != principal->identity) {
    return Bad(absl::StrCat("tenant, resource or identity is not that of ", claims.subject));
  }
  return absl::OkStatus();
}

}  // namespace keyward::auth
