#ifndef KEYWARD_COMMON_CRYPTO_AES_GCM_H_
#define KEYWARD_COMMON_CRYPTO_AES_GCM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/aead.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/secret_memory.h"

namespace keyward::crypto {

inline constexpr size_t kGcmNonceSize = 12;
inline constexpr size_t kGcmTagSize = 16;

// AES-256-GCM with the nonce in the caller's hands: the building block of formats that count
// their nonces. To use a nonce twice with one key gives the plaintexts and the authentication key
// away. Thread-safe; the expanded key lives in secret memory.
class AesGcmCipher {
 public:
  explicit AesGcmCipher(const AesKey& key);
  ~AesGcmCipher();
  AesGcmCipher(AesGcmCipher&&) noexcept;
  AesGcmCipher& operator=(AesGcmCipher&&) noexcept;

  // Writes ciphertext and tag to `out`, which has exactly plaintext.size() + 16 bytes and either
  // starts where the plaintext starts or does not overlap it. The nonce has 12 bytes.
  absl::Status Seal(absl::string_view nonce, absl::string_view plaintext,
                    absl::string_view associated_data, absl::Span<uint8_t> out) const;

  // Writes the plaintext to `out`, which has exactly ciphertext.size() - 16 bytes, under the same
  // rule on overlap. INVALID_ARGUMENT if it does not authenticate; `out` is then wiped.
  absl::Status Open(absl::string_view nonce, absl::string_view ciphertext,
                    absl::string_view associated_data, absl::Span<uint8_t> out) const;

 private:
  struct State;
  SecretPtr<State> state_;
};

// Aead by AES-256-GCM: 12 random bytes of nonce ‖ ciphertext ‖ 16 bytes of tag.
//
// Message limit: a key may seal 2^32 messages (NIST SP 800-38D, section 8.3), which keeps the
// probability that two random nonces are equal below 2^-32. Each object counts its own and refuses
// more. Over the life of a key, its owner sees to it: a data key seals one object, a scope key one
// data key an object, and 2^32 objects a scope are out of reach (100 a second for 16 months); a
// platform key wraps one data key for every object of its region and is rotated long before.
// A message has at most 64 GiB (2^36 - 32 bytes).
class AesGcmAead final : public Aead {
 public:
  static constexpr size_t kOverhead = kGcmNonceSize + kGcmTagSize;
  static constexpr uint64_t kMessageLimit = uint64_t{1} << 32;

  explicit AesGcmAead(const AesKey& key) : cipher_(key) {}

  absl::StatusOr<std::string> Seal(absl::string_view plaintext,
                                   absl::string_view associated_data) const override;
  absl::StatusOr<SecretBytes> Open(absl::string_view ciphertext,
                                   absl::string_view associated_data) const override;

 private:
  AesGcmCipher cipher_;
  mutable std::atomic<uint64_t> sealed_{0};
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_AES_GCM_H_
