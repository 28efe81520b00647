#ifndef KEYWARD_COMMON_AUTH_FOREIGN_KEYS_H_
#define KEYWARD_COMMON_AUTH_FOREIGN_KEYS_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"

namespace keyward::auth {

// The algorithms by which another issuer may sign, as a header names them: RS256, PS256, ES256 and
// ES384. No symmetric one, and never "none".
inline constexpr absl::string_view kForeignAlgorithms[] = {"RS256", "PS256", "ES256", "ES384"};

// The public keys of another issuer of tokens, from its JWK Set (RFC 7517). A value; thread-safe.
class ForeignKeys {
 public:
  // Takes the first 100 keys. What is no key to verify with (another use or type, a weak or private
  // key, one without kid) is passed over, as RFC 7517 wants it; two keys of the same kid make that
  // kid worthless. INVALID_ARGUMENT if it is no JWK Set, or has no key that is good for anything.
  static absl::StatusOr<ForeignKeys> Parse(absl::string_view jwk_set);

  enum class Verdict {
    kValid,
    // No key has that kid: there may be newer keys.
    kUnknownKey,
    // More than one key has that kid, or it is no key to verify with.
    kUnusableKey,
    // The key is not for that algorithm, or the algorithm is none of kForeignAlgorithms.
    kWrongAlgorithm,
    kBadSignature,
  };

  // Whether `signature` is one of `input` by the key with this kid, under this algorithm.
  Verdict Verify(absl::string_view key_id, absl::string_view algorithm, absl::string_view input,
                 absl::string_view signature) const;

  bool Has(absl::string_view key_id) const { return keys_.count(std::string(key_id)) != 0; }

 private:
  struct Key {
    std::variant<crypto::RsaPublicKey, crypto::EcPublicKey> key;
    // The only algorithm it is for; empty if its owner did not say.
    std::string algorithm;
  };
  // None for a kid that is good for nothing.
  using Keys = std::map<std::string, std::optional<Key>>;

  explicit ForeignKeys(Keys keys) : keys_(std::move(keys)) {}

  static std::optional<Key> ParseKey(const std::string& jwk);

  Keys keys_;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_FOREIGN_KEYS_H_
