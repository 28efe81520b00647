#ifndef KEYWARD_COMMON_AUTH_JWK_H_
#define KEYWARD_COMMON_AUTH_JWK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"

namespace keyward::auth {

// A public key on P-256 as the JSON of a JWK (RFC 7517) for ES256: kty, crv, x, y, kid, use, alg.
// INVALID_ARGUMENT if the key is on another curve.
absl::StatusOr<std::string> ToJwk(const crypto::EcPublicKey& key, absl::string_view key_id);

// The inverse; the key id is `key_id`, and a JWK with another one is refused. INVALID_ARGUMENT for
// all that is not exactly such a JWK.
absl::StatusOr<crypto::EcPublicKey> FromJwk(absl::string_view json, absl::string_view key_id);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_JWK_H_
