#include "services/encryption/stream_session.h"

namespace keyward::encryption {
namespace {

constexpr size_t kLargestChunk = 1 << 20;

}  // namespace

absl::Status StreamSize::Add(const char* chunk_field, size_t size) {
  if (size == 0 || size > kLargestChunk) {
    return InvalidField(chunk_field, "must have 1 byte to 1 MiB in every message but the first");
  }
  counted_ += static_cast<int64_t>(size);
  return expected_.has_value() && counted_ > *expected_ ? Mismatch() : absl::OkStatus();
}

absl::Status StreamSize::CheckWhole() const {
  return expected_.has_value() && counted_ != *expected_ ? Mismatch() : absl::OkStatus();
}

absl::Status StreamSize::Mismatch() const {
  return InvalidField(field_, absl::StrCat("is ", *expected_, ", and ", counted_, " bytes came"));
}

}  // namespace keyward::encryption
