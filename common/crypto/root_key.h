#ifndef KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_
#define KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The key at the root of a service: it seals the secrets that the service keeps in its database.
// `context` names what is sealed and where it belongs, for instance "key_vault/private-key/" and
// the key version's name: it is authenticated, so a sealed value cannot be put in another's place.
// Implementations are thread-safe.
class RootKey {
 public:
  virtual ~RootKey() = default;

  // The sealed form of `secret`, as bytes that may be stored anywhere.
  virtual absl::StatusOr<std::string> Seal(const SecretBytes& secret,
                                           absl::string_view context) const = 0;

  // What was sealed. INVALID_ARGUMENT if `sealed` was changed or the context is another;
  // FAILED_PRECONDITION if it was sealed by another root key.
  virtual absl::StatusOr<SecretBytes> Unseal(absl::string_view sealed,
                                             absl::string_view context) const = 0;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_
