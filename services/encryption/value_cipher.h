#ifndef KEYWARD_SERVICES_ENCRYPTION_VALUE_CIPHER_H_
#define KEYWARD_SERVICES_ENCRYPTION_VALUE_CIPHER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"
#include "common/envelope/object_id.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/object_keys.h"

namespace keyward::encryption {

// Encrypts and decrypts objects that fit into a message, whole. For use inside KeyGate::Run.
// Thread-safe.
class ValueCipher {
 public:
  static constexpr size_t kLargestPlaintext = 1 << 20;

  // `keys` must outlive this.
  explicit ValueCipher(ObjectKeys& keys) : keys_(keys) {}

  // INVALID_ARGUMENT, naming the field `plaintext`, beyond kLargestPlaintext.
  static absl::Status CheckPlaintext(absl::string_view plaintext);

  // The stored object, under data keys of its own.
  absl::StatusOr<std::string> Encrypt(const OpenAccount& open, const envelope::ObjectId& id,
                                      absl::string_view plaintext);

  // CIPHERTEXT_INVALID, SCOPE_DESTROYED.
  absl::StatusOr<crypto::SecretBytes> Decrypt(const OpenAccount& open, const envelope::ObjectId& id,
                                              absl::string_view ciphertext);

 private:
  ObjectKeys& keys_;
};

// The version of the customer's key in use; empty with platform-managed keys.
std::string CustomerKeyVersion(const OpenAccount& open);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_VALUE_CIPHER_H_
