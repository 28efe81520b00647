#include "services/managed_identity/tenant.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "common/status/error.h"

namespace keyward::managed_identity {
namespace {

constexpr int kMaximumCharacters = 256;

bool StartsCharacter(unsigned char byte) { return (byte & 0xc0) != 0x80; }

}  // namespace

// protobuf has made sure that it is UTF-8.
absl::StatusOr<std::string> ParseDisplayName(absl::string_view text, absl::string_view field) {
  if (absl::c_count_if(text, StartsCharacter) > kMaximumCharacters) {
    return InvalidField(field, "must have at most 256 characters");
  }
  if (absl::c_any_of(text, absl::ascii_iscntrl)) {
    return InvalidField(field, "must not have control characters");
  }
  return std::string(text);
}

}  // namespace keyward::managed_identity
