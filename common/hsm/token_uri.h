#ifndef KEYWARD_COMMON_HSM_TOKEN_URI_H_
#define KEYWARD_COMMON_HSM_TOKEN_URI_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::hsm {

// Where a token is, and perhaps an object in it: a PKCS #11 URI (RFC 7512) of these attributes:
//
//   pkcs11:token=LABEL;object=LABEL?module-path=/path/to/module.so&pin-source=file:/path/to/pin
//
// The PIN itself is never part of it. A value.
struct TokenUri {
  // The token's label.
  std::string token;
  // An object's label; empty where only the token matters.
  std::string object;
  // The shared library that speaks for the token.
  std::string module_path;
  // The file with the user's PIN, mode 0600.
  std::string pin_file;

  // INVALID_ARGUMENT, saying what is wrong with which attribute: also if an attribute is unknown,
  // stands twice, or is missing (`object` may be).
  static absl::StatusOr<TokenUri> Parse(absl::string_view text);
};

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_TOKEN_URI_H_
