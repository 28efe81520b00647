#ifndef KEYWARD_COMMON_ENVELOPE_TINK_STREAM_H_
#define KEYWARD_COMMON_ENVELOPE_TINK_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/envelope/tink_segments.h"

namespace keyward::envelope {

// Takes the next bytes of a result; they are valid during the call only. An error ends the stream
// and comes back from the call that led to it.
using Sink = absl::FunctionRef<absl::Status(absl::string_view)>;

// The size of the ciphertext of `plaintext_size` bytes.
uint64_t TinkCiphertextSize(uint64_t plaintext_size);

// The bytes of a segment as they gather; grows to a whole segment at most.
class SegmentBuffer {
 public:
  void Append(absl::string_view bytes);
  // Makes room for `size` bytes in all and returns them, of which the first ones are as before.
  absl::Span<uint8_t> Resize(size_t size);
  absl::string_view view() const { return storage_.ExposeSecret().substr(0, size_); }
  size_t size() const { return size_; }

 private:
  crypto::SecretBytes storage_;
  size_t size_ = 0;
};

// Encrypts a stream into Tink's format AES256_GCM_HKDF_1MB, in memory for one segment, whatever the
// sizes of the pieces. After Finish() or an error every call fails. Not thread-safe.
class StreamEncryptor {
 public:
  static absl::StatusOr<StreamEncryptor> Create(const crypto::AesKey& key,
                                                absl::string_view associated_data);

  // Encrypts the next bytes, and passes on the segments that are complete. OUT_OF_RANGE beyond
  // 2^32 segments (4 PiB).
  absl::Status Update(absl::string_view plaintext, Sink sink);

  // Ends the stream: passes on what is left. Without it the stream is truncated and does not open.
  absl::Status Finish(Sink sink);

 private:
  explicit StreamEncryptor(SegmentCipher cipher) : cipher_(std::move(cipher)) {}
  absl::Status Consume(absl::string_view plaintext, Sink sink);
  absl::Status EmitSegment(absl::string_view plaintext, bool last, Sink sink);
  // Where the segment's ciphertext starts in the buffer: the first one follows the header.
  size_t Offset() const { return first_ ? kTinkHeaderSize : 0; }
  size_t Capacity() const { return kTinkSegmentSize - kTinkTagSize - Offset(); }

  SegmentCipher cipher_;
  SegmentBuffer buffer_;
  bool first_ = true;
  absl::Status state_;  // not OK once nothing more may come
};

// Decrypts such a stream, in memory for one segment. A segment's plaintext is passed on once the
// segment is known to be authentic and in its place, never before; whether the stream is whole is
// known when Finish() returns OK, so keep nothing for good before that. Every error but the sink's
// is INVALID_ARGUMENT. After Finish() or an error every call fails. Not thread-safe.
class StreamDecryptor {
 public:
  StreamDecryptor(const crypto::AesKey& key, absl::string_view associated_data)
      : key_(key.Clone()), associated_data_(associated_data) {}

  // Takes the next bytes, and passes on the plaintext of the segments that are complete.
  absl::Status Update(absl::string_view ciphertext, Sink sink);

  // Says that no more bytes come: passes on the last segment's plaintext. Fails if the stream was
  // cut, at a segment's end too.
  absl::Status Finish(Sink sink);

 private:
  absl::Status Consume(absl::string_view ciphertext, Sink sink);
  absl::StatusOr<absl::string_view> ConsumeHeader(absl::string_view ciphertext);
  absl::Status OpenSegment(absl::string_view ciphertext, bool last, Sink sink);
  size_t Capacity() const { return kTinkSegmentSize - (first_ ? kTinkHeaderSize : 0); }

  crypto::AesKey key_;
  std::string associated_data_;
  std::string header_;
  std::optional<SegmentCipher> cipher_;
  SegmentBuffer buffer_;
  bool first_ = true;
  absl::Status state_;  // not OK once nothing more may come
};

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_TINK_STREAM_H_
