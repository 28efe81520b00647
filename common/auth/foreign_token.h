#ifndef KEYWARD_COMMON_AUTH_FOREIGN_TOKEN_H_
#define KEYWARD_COMMON_AUTH_FOREIGN_TOKEN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward::auth {

// Tokens (RFC 7519) that another issuer made, such as a Kubernetes cluster or an OpenID provider,
// with what any of them may put in and nothing that could change who is believed.

inline constexpr size_t kMaxForeignTokenSize = 16 * 1024;

// How far another issuer's clock may be from ours. An expiry is never stretched.
inline constexpr absl::Duration kForeignClockSkew = absl::Seconds(60);

// A token whose form is right. Nothing in it may be believed before its signature was verified with
// ForeignKeys. A plain value.
struct ForeignToken {
  // Of the header: alg, one of kForeignAlgorithms, and kid.
  std::string algorithm;
  std::string key_id;
  // Of the claims: iss, sub, all of aud, exp, and nbf or iat (the later of them), if any.
  std::string issuer;
  std::string subject;
  std::vector<std::string> audiences;
  absl::Time expires;
  std::optional<absl::Time> not_before;
  // What the signature covers, and the signature.
  std::string signing_input;
  std::string signature;

  bool ExpiredAt(absl::Time now) const { return expires <= now; }
  bool NotYetValidAt(absl::Time now) const {
    return not_before.has_value() && *not_before > now + kForeignClockSkew;
  }
};

// Takes a compact JWS apart. INVALID_ARGUMENT, saying what is wrong in words that hold nothing of
// the token, unless it has at most 16 KiB and three parts in base64url's one spelling; a header
// with an alg of kForeignAlgorithms, a kid, a typ of JWT or at+jwt or none, and no crit; and the
// claims iss, sub, aud and exp. Keys that a header brings along (jwk, jku, x5c …) are not looked
// at.
absl::StatusOr<ForeignToken> ParseForeignToken(absl::string_view compact);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_FOREIGN_TOKEN_H_
