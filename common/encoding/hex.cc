#include "common/encoding/hex.h"

#include "absl/strings/ascii.h"

namespace keyward {
namespace {

// Of a digit, which `digit` is.
int ValueOf(char digit) {
  return absl::ascii_isdigit(digit) ? digit - '0' : absl::ascii_tolower(digit) - 'a' + 10;
}

}  // namespace

std::optional<std::string> HexToBytes(absl::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    if (!absl::ascii_isxdigit(digits[i]) || !absl::ascii_isxdigit(digits[i + 1])) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(ValueOf(digits[i]) << 4 | ValueOf(digits[i + 1])));
  }
  return bytes;
}

}  // namespace keyward
