#ifndef KEYWARD_COMMON_CRYPTO_AES_KEY_H_
#define KEYWARD_COMMON_CRYPTO_AES_KEY_H_

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// A 256-bit AES key: 32 secret bytes. Thread-compatible.
class AesKey {
 public:
  static constexpr size_t kSize = 32;

  // INVALID_ARGUMENT unless there are exactly 32 bytes.
  static absl::StatusOr<AesKey> Create(SecretBytes bytes) {
    if (bytes.size() != kSize) {
      return absl::InvalidArgumentError("an AES-256 key has 32 bytes");
    }
    return AesKey(std::move(bytes));
  }

  // A new random key.
  static AesKey Generate() { return AesKey(SecretBytes::Random(kSize)); }

  AesKey Clone() const { return AesKey(bytes_.Clone()); }

  const SecretBytes& bytes() const { return bytes_; }

  friend bool operator==(const AesKey& a, const AesKey& b) { return a.bytes_ == b.bytes_; }

 private:
  explicit AesKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}

  SecretBytes bytes_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_AES_KEY_H_
