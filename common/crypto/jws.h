#ifndef KEYWARD_COMMON_CRYPTO_JWS_H_
#define KEYWARD_COMMON_CRYPTO_JWS_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"

namespace keyward::crypto {

// JSON Web Signatures (RFC 7515) in compact form, ES256 only: tokens and receipts. The payload is a
// JSON object, signed as the bytes given. The header has exactly the members alg, kid and typ, each
// a string, in any order; anything else (another algorithm, crit, an embedded key, a member twice)
// is refused.

inline constexpr size_t kMaxJwsSize = 8 * 1024;
inline constexpr size_t kMaxKeyIdSize = 128;

// What a JWS is for (header member typ), so that a receipt is never taken for a token.
inline constexpr absl::string_view kTokenType = "JWT";
inline constexpr absl::string_view kReceiptType = "keyward-receipt+jwt";

// Signs `payload`. INVALID_ARGUMENT if the key is not on P-256, the key id is empty or has more
// than 128 characters or any that is not printable ASCII, the payload is no strict JSON object, or
// the result would have more than 8 KiB.
absl::StatusOr<std::string> SignJws(const EcPrivateKey& key, absl::string_view key_id,
                                    absl::string_view type, absl::string_view payload);

// A JWS whose form is right and whose signature nobody has checked yet.
struct UnverifiedJws {
  std::string key_id;
  std::string type;
  std::string payload;
  std::string signing_input;  // what the signature covers
  std::string signature;      // r ‖ s
};

// Takes a JWS apart: UNAUTHENTICATED, saying what is wrong, unless its form is exactly as above.
// Nothing in it may be believed before VerifyParsedJws() has said OK.
absl::StatusOr<UnverifiedJws> ParseJws(absl::string_view compact);

// OK if `jws` is of that type and its signature is one by `key`; else UNAUTHENTICATED, saying what
// is wrong.
absl::Status VerifyParsedJws(const UnverifiedJws& jws, absl::string_view type,
                             const EcPublicKey& key);

struct VerifiedJws {
  std::string key_id;
  std::string payload;  // a strict JSON object
};

// Finds the public key of a key id; any error means that there is none to be trusted.
using JwsKeyFinder = absl::FunctionRef<absl::StatusOr<EcPublicKey>(absl::string_view key_id)>;

// The content of a JWS of `type` with a valid signature of the key that `find_key` returns. An
// error of `find_key` comes back as it is; every other failure is UNAUTHENTICATED and says what is
// wrong. Expiry, audience and all other claims are for the caller to check.
absl::StatusOr<VerifiedJws> VerifyJws(absl::string_view compact, absl::string_view type,
                                      JwsKeyFinder find_key);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_JWS_H_
