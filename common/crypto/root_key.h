#ifndef KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_
#define KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// Bytes of a root key's id.
inline constexpr size_t kRootKeyIdSize = 8;

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
  // FAILED_PRECONDITION if it was sealed by another root key. UNAVAILABLE if the key is where it
  // cannot be reached for the moment.
  virtual absl::StatusOr<SecretBytes> Unseal(absl::string_view sealed,
                                             absl::string_view context) const = 0;

  // Tells root keys apart and reveals nothing: kRootKeyIdSize bytes, which also stand in everything
  // that the key has sealed.
  virtual const std::string& id() const = 0;
};

// The id of the root key that sealed a secret. INVALID_ARGUMENT if that is no sealed secret.
absl::StatusOr<absl::string_view> SealedBy(absl::string_view sealed);

// For implementations: every sealed secret is a byte that tells the kind of root key, the key's id,
// and a body. SealedBody returns the body, or what Unseal returns if kind or key are others.
std::string SealedForm(char kind, absl::string_view id, absl::string_view body);
absl::StatusOr<absl::string_view> SealedBody(char kind, absl::string_view id,
                                             absl::string_view sealed);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_ROOT_KEY_H_
