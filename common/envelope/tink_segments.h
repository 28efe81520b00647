#ifndef KEYWARD_COMMON_ENVELOPE_TINK_SEGMENTS_H_
#define KEYWARD_COMMON_ENVELOPE_TINK_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"

namespace keyward::envelope {

// The numbers of Tink's AES256_GCM_HKDF_1MB.
inline constexpr size_t kTinkSegmentSize = size_t{1} << 20;  // of ciphertext; the header counts too
inline constexpr size_t kTinkTagSize = crypto::kGcmTagSize;
inline constexpr size_t kTinkSaltSize = 32;
inline constexpr size_t kTinkNoncePrefixSize = 7;
inline constexpr size_t kTinkHeaderSize = 1 + kTinkSaltSize + kTinkNoncePrefixSize;

// Gives each segment of a stream its nonce: prefix ‖ index ‖ 1 for the last, 0 for others. Not
// thread-safe.
class SegmentNonces {
 public:
  // Starts at `first_index`, which is 0 for a stream read from its start.
  explicit SegmentNonces(std::string prefix, uint32_t first_index = 0)
      : prefix_(std::move(prefix)), next_(first_index) {}

  // The next segment's nonce. OUT_OF_RANGE if the 32-bit index is used up: segment 2^32 - 1 can
  // only be a last one, and nothing follows a last one.
  absl::StatusOr<std::string> Next(bool last);

 private:
  static constexpr uint64_t kEnd = uint64_t{1} << 32;

  std::string prefix_;
  uint64_t next_;
};

// Encrypts or decrypts the segments of one stream in order. Not thread-safe.
class SegmentCipher {
 public:
  // A new stream, with a random salt and nonce prefix.
  static absl::StatusOr<SegmentCipher> New(const crypto::AesKey& key,
                                           absl::string_view associated_data);
  // A stream that starts with `header`. INVALID_ARGUMENT unless it is a stream header.
  static absl::StatusOr<SegmentCipher> FromHeader(const crypto::AesKey& key,
                                                  absl::string_view associated_data,
                                                  absl::string_view header);

  // kTinkHeaderSize bytes.
  const std::string& header() const { return header_; }

  // One segment, where `out` may start where the input starts: see crypto::AesGcmCipher.
  absl::Status Seal(absl::string_view plaintext, bool last, absl::Span<uint8_t> out);
  absl::Status Open(absl::string_view ciphertext, bool last, absl::Span<uint8_t> out);

 private:
  SegmentCipher(std::string header, const crypto::AesKey& derived, SegmentNonces nonces)
      : header_(std::move(header)), cipher_(derived), nonces_(std::move(nonces)) {}

  std::string header_;
  crypto::AesGcmCipher cipher_;
  SegmentNonces nonces_;
};

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_TINK_SEGMENTS_H_
