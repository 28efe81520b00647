#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_MEMORY_ROOT_KEY_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_MEMORY_ROOT_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/root_key.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::encryption::testing {

// A root key for tests, always the same. Thread-safe.
class MemoryRootKey final : public crypto::RootKey {
 public:
  absl::StatusOr<std::string> Seal(const crypto::SecretBytes& secret,
                                   absl::string_view context) const override {
    return aead_.Seal(secret.ExposeSecret(), context);
  }
  absl::StatusOr<crypto::SecretBytes> Unseal(absl::string_view sealed,
                                             absl::string_view context) const override {
    return aead_.Open(sealed, context);
  }
  const std::string& id() const override { return id_; }

 private:
  const std::string id_ = "inmemory";
  const crypto::AesGcmAead aead_{
      *crypto::AesKey::Create(crypto::SecretBytes::CopyOf(std::string(32, 'r')))};
};

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_MEMORY_ROOT_KEY_H_
