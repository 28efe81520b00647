#include "common/envelope/wire.h"

#include "common/status/status_macros.h"

namespace keyward::envelope {

absl::StatusOr<absl::string_view> Reader::Bytes(size_t size) {
  if (rest_.size() < size) return absl::InvalidArgumentError("the header ends too early");
  const absl::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

absl::StatusOr<uint64_t> Reader::Number(size_t size) {
  KW_ASSIGN_OR_RETURN(const absl::string_view bytes, Bytes(size));
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

absl::StatusOr<std::string> Reader::Name(size_t limit) {
  KW_ASSIGN_OR_RETURN(const uint64_t size, Number(2));
  if (size == 0 || size > limit) {
    return absl::InvalidArgumentError("a name in the header is empty or too long");
  }
  KW_ASSIGN_OR_RETURN(const absl::string_view name, Bytes(size));
  return std::string(name);
}

}  // namespace keyward::envelope
