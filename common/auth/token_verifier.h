#ifndef KEYWARD_COMMON_AUTH_TOKEN_VERIFIER_H_
#define KEYWARD_COMMON_AUTH_TOKEN_VERIFIER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/principal_directory.h"
#include "common/auth/token.h"
#include "common/auth/verified_tokens.h"
#include "common/clock/clock.h"

namespace keyward::auth {

// Verifies bearer tokens without a network: the signature with the keys of a PrincipalDirectory,
// the claims, and that the principal still exists and had no change since the token was issued.
// Says nothing about freshness: who believes the answer must hold the lease on managed_identity.
//
// The issuer's wall clock may be up to a minute ahead of ours: so much before their `nbf` and `iat`
// tokens are good already. Nothing stretches `exp`, which would make a token live longer than it
// says; a verifier whose clock is ahead refuses earlier, and gets a new token.
//
// A signature is checked once for each token, and all else for each call. Thread-safe.
class TokenVerifier {
 public:
  // Accepts tokens for `audience` only, such as "key_vault".
  TokenVerifier(std::string audience, const PrincipalDirectory& directory,
                const clock::Clock& clock);

  // The claims of a token that is good now. Otherwise a plain UNAUTHENTICATED whose message says
  // precisely what is wrong: for the log, never for the caller.
  absl::StatusOr<TokenClaims> Verify(absl::string_view token) const;

  // The same for a token of any audience: to tell others of it, never to let somebody in.
  absl::StatusOr<TokenClaims> VerifyForAnyAudience(absl::string_view token) const;

 private:
  absl::StatusOr<std::shared_ptr<const VerifiedTokens::Token>> CheckSignature(
      absl::string_view token) const;
  absl::Status CheckTimes(const TokenClaims& claims) const;
  absl::Status CheckPrincipal(const TokenClaims& claims) const;

  const std::string audience_;
  const PrincipalDirectory& directory_;
  const clock::Clock& clock_;
  mutable VerifiedTokens verified_;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_TOKEN_VERIFIER_H_
