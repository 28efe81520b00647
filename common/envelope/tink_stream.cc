#include "common/envelope/tink_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

constexpr size_t kFirstBuffer = 4096;

absl::Status Finished() {
  return absl::FailedPreconditionError("the stream was finished before this call");
}

absl::Status NotAuthentic() {
  return absl::InvalidArgumentError(
      "the ciphertext does not open: it was changed or cut, or belongs to another object or key");
}

}  // namespace

uint64_t TinkCiphertextSize(uint64_t plaintext_size) {
  constexpr uint64_t kPerSegment = kTinkSegmentSize - kTinkTagSize;
  const uint64_t with_header = kTinkHeaderSize + plaintext_size;
  // A full last segment is not followed by an empty one.
  const uint64_t segments = (with_header + kPerSegment - 1) / kPerSegment;
  return with_header + segments * kTinkTagSize;
}

void SegmentBuffer::Append(absl::string_view bytes) {
  if (bytes.empty()) return;
  const size_t end = size_;
  std::memcpy(Resize(end + bytes.size()).data() + end, bytes.data(), bytes.size());
}

absl::Span<uint8_t> SegmentBuffer::Resize(size_t size) {
  if (size > storage_.size()) {
    // Doubling keeps small objects cheap, and room for a tag saves growing for it; a segment with
    // its tag is the most there is.
    const size_t wanted = std::max({size + kTinkTagSize, 2 * storage_.size(), kFirstBuffer});
    auto larger = crypto::SecretBytes::Zeroed(std::max(size, std::min(wanted, kTinkSegmentSize)));
    if (size_ > 0) std::memcpy(larger.MutableSecret().data(), view().data(), size_);
    storage_ = std::move(larger);
  }
  size_ = size;
  return storage_.MutableSecret().first(size);
}

absl::StatusOr<StreamEncryptor> StreamEncryptor::Create(const crypto::AesKey& key,
                                                        absl::string_view associated_data) {
  KW_ASSIGN_OR_RETURN(SegmentCipher cipher, SegmentCipher::New(key, associated_data));
  StreamEncryptor encryptor(std::move(cipher));
  encryptor.buffer_.Append(encryptor.cipher_.header());
  return encryptor;
}

absl::Status StreamEncryptor::Update(absl::string_view plaintext, Sink sink) {
  KW_RETURN_IF_ERROR(state_);
  state_ = Consume(plaintext, sink);
  return state_;
}

absl::Status StreamEncryptor::Finish(Sink sink) {
  KW_RETURN_IF_ERROR(state_);
  const absl::Status result = EmitSegment(buffer_.view().substr(Offset()), /*last=*/true, sink);
  state_ = result.ok() ? Finished() : result;
  return result;
}

absl::Status StreamEncryptor::Consume(absl::string_view plaintext, Sink sink) {
  while (!plaintext.empty()) {
    const size_t buffered = buffer_.size() - Offset();
    // Only what is followed by something is not the last segment, so a full one waits for that.
    if (buffered == Capacity()) {
      KW_RETURN_IF_ERROR(EmitSegment(buffer_.view().substr(Offset()), /*last=*/false, sink));
    } else if (buffered == 0 && plaintext.size() > Capacity()) {
      const absl::string_view segment = plaintext.substr(0, Capacity());
      plaintext.remove_prefix(segment.size());
      KW_RETURN_IF_ERROR(EmitSegment(segment, /*last=*/false, sink));
    } else {
      const absl::string_view piece = plaintext.substr(0, Capacity() - buffered);
      buffer_.Append(piece);
      plaintext.remove_prefix(piece.size());
    }
  }
  return absl::OkStatus();
}

absl::Status StreamEncryptor::EmitSegment(absl::string_view plaintext, bool last, Sink sink) {
  const bool in_place = plaintext.data() == buffer_.view().data() + Offset();
  const size_t size = plaintext.size();
  absl::Span<uint8_t> out = buffer_.Resize(Offset() + size + kTinkTagSize).subspan(Offset());
  if (in_place) plaintext = buffer_.view().substr(Offset(), size);  // the buffer may have moved
  KW_RETURN_IF_ERROR(cipher_.Seal(plaintext, last, out));
  KW_RETURN_IF_ERROR(sink(buffer_.view()));
  first_ = false;
  buffer_.Resize(0);
  return absl::OkStatus();
}

absl::Status StreamDecryptor::Update(absl::string_view ciphertext, Sink sink) {
  KW_RETURN_IF_ERROR(state_);
  state_ = Consume(ciphertext, sink);
  return state_;
}

absl::Status StreamDecryptor::Finish(Sink sink) {
  KW_RETURN_IF_ERROR(state_);
  const absl::Status result =
      cipher_.has_value() ? OpenSegment(buffer_.view(), /*last=*/true, sink) : NotAuthentic();
  state_ = result.ok() ? Finished() : result;
  return result;
}

absl::StatusOr<absl::string_view> StreamDecryptor::ConsumeHeader(absl::string_view ciphertext) {
  const absl::string_view piece = ciphertext.substr(0, kTinkHeaderSize - header_.size());
  header_.append(piece.data(), piece.size());
  if (header_.size() == kTinkHeaderSize) {
    auto cipher = SegmentCipher::FromHeader(key_, associated_data_, header_);
    if (!cipher.ok()) return NotAuthentic();
    cipher_ = *std::move(cipher);
  }
  return ciphertext.substr(piece.size());
}

absl::Status StreamDecryptor::Consume(absl::string_view ciphertext, Sink sink) {
  if (!cipher_.has_value()) {
    KW_ASSIGN_OR_RETURN(ciphertext, ConsumeHeader(ciphertext));
  }
  while (!ciphertext.empty()) {
    if (buffer_.size() == Capacity()) {
      KW_RETURN_IF_ERROR(OpenSegment(buffer_.view(), /*last=*/false, sink));
    } else if (buffer_.size() == 0 && ciphertext.size() > Capacity()) {
      const absl::string_view segment = ciphertext.substr(0, Capacity());
      ciphertext.remove_prefix(segment.size());
      KW_RETURN_IF_ERROR(OpenSegment(segment, /*last=*/false, sink));
    } else {
      const absl::string_view piece = ciphertext.substr(0, Capacity() - buffer_.size());
      buffer_.Append(piece);
      ciphertext.remove_prefix(piece.size());
    }
  }
  return absl::OkStatus();
}

absl::Status StreamDecryptor::OpenSegment(absl::string_view ciphertext, bool last, Sink sink) {
  if (ciphertext.size() < kTinkTagSize) return NotAuthentic();
  absl::Span<uint8_t> out =
      buffer_.Resize(std::max(buffer_.size(), ciphertext.size() - kTinkTagSize))
          .first(ciphertext.size() - kTinkTagSize);
  if (!cipher_->Open(ciphertext, last, out).ok()) return NotAuthentic();
  buffer_.Resize(out.size());
  if (!buffer_.view().empty()) KW_RETURN_IF_ERROR(sink(buffer_.view()));
  first_ = false;
  buffer_.Resize(0);
  return absl::OkStatus();
}

}  // namespace keyward::envelope
