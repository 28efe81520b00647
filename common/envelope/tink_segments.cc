#include "common/envelope/tink_segments.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hkdf.h"
#include "common/crypto/random.h"
#include "common/envelope/wire.h"
#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

constexpr char kHeaderSizeByte = static_cast<char>(kTinkHeaderSize);

}  // namespace

absl::StatusOr<std::string> SegmentNonces::Next(bool last) {
  if (next_ >= kEnd || (next_ == kEnd - 1 && !last)) {
    return absl::OutOfRangeError("the stream has too many segments");
  }
  Writer writer;
  writer.Bytes(prefix_);
  for (int shift = 24; shift >= 0; shift -= 8) writer.Byte(static_cast<uint8_t>(next_ >> shift));
  writer.Byte(last ? 1 : 0);
  next_ = last ? kEnd : next_ + 1;
  return writer.Take();
}

absl::StatusOr<SegmentCipher> SegmentCipher::New(const crypto::AesKey& key,
                                                 absl::string_view associated_data) {
  return FromHeader(key, associated_data,
                    absl::StrCat(absl::string_view(&kHeaderSizeByte, 1),
                                 crypto::RandomBytes(kTinkHeaderSize - 1)));
}

absl::StatusOr<SegmentCipher> SegmentCipher::FromHeader(const crypto::AesKey& key,
                                                        absl::string_view associated_data,
                                                        absl::string_view header) {
  if (header.size() != kTinkHeaderSize || header[0] != kHeaderSizeByte) {
    return absl::InvalidArgumentError("the stream does not start with its header");
  }
  KW_ASSIGN_OR_RETURN(auto derived_bytes,
                      crypto::HkdfSha256(key.bytes(), header.substr(1, kTinkSaltSize),
                                         associated_data, crypto::AesKey::kSize));
  KW_ASSIGN_OR_RETURN(const auto derived, crypto::AesKey::Create(std::move(derived_bytes)));
  return SegmentCipher(std::string(header), derived,
                       SegmentNonces(std::string(header.substr(1 + kTinkSaltSize))));
}

absl::Status SegmentCipher::Seal(absl::string_view plaintext, bool last, absl::Span<uint8_t> out) {
  KW_ASSIGN_OR_RETURN(const std::string nonce, nonces_.Next(last));
  return cipher_.Seal(nonce, plaintext, "", out);
}

absl::Status SegmentCipher::Open(absl::string_view ciphertext, bool last, absl::Span<uint8_t> out) {
  KW_ASSIGN_OR_RETURN(const std::string nonce, nonces_.Next(last));
  return cipher_.Open(nonce, ciphertext, "", out);
}

}  // namespace keyward::envelope
