#ifndef KEYWARD_COMMON_ENCODING_HEX_H_
#define KEYWARD_COMMON_ENCODING_HEX_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace keyward {

// The bytes that hexadecimal digits stand for, two digits a byte, in either case; nothing if a
// character is no such digit or one is left over. (What Abseil has for it differs from release to
// release.) The inverse is absl::BytesToHexString.
std::optional<std::string> HexToBytes(absl::string_view digits);

}  // namespace keyward

#endif  // KEYWARD_COMMON_ENCODING_HEX_H_
