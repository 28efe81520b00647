#ifndef KEYWARD_COMMON_CRYPTO_AEAD_H_
#define KEYWARD_COMMON_CRYPTO_AEAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// Authenticated encryption with associated data (RFC 5116). What Open() returns was given to Seal()
// under the same key and with the same associated data; nobody without the key learns anything of
// it but its size. The associated data are authenticated, not encrypted. Ciphertexts of different
// meaning must differ in associated data, or one can be put in the other's place. Replays are the
// caller's business. Implementations are thread-safe.
class Aead {
 public:
  virtual ~Aead() = default;

  // Encrypts `plaintext`, which may be empty. The result names no key and differs at each call.
  // RESOURCE_EXHAUSTED if the key has reached its message limit.
  virtual absl::StatusOr<std::string> Seal(absl::string_view plaintext,
                                           absl::string_view associated_data) const = 0;

  // Decrypts what Seal() returned. INVALID_ARGUMENT, always with the same text, if any bit of it or
  // of the associated data differs, or the key is another; nothing is then released.
  virtual absl::StatusOr<SecretBytes> Open(absl::string_view ciphertext,
                                           absl::string_view associated_data) const = 0;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_AEAD_H_
