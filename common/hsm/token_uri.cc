#include "common/hsm/token_uri.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/encoding/hex.h"
#include "common/status/status_macros.h"

namespace keyward::hsm {
namespace {

constexpr char kScheme[] = "pkcs11:";
constexpr char kFile[] = "file:";

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a PKCS #11 URI that can be used: ", why,
                   ". Write pkcs11:token=LABEL;object=LABEL?module-path=/path/to/module.so&"
                   "pin-source=file:/path/to/pin"));
}

absl::StatusOr<std::string> Decode(absl::string_view name, absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const std::optional<std::string> byte = HexToBytes(text.substr(i + 1, 2));
    if (!byte.has_value() || byte->empty()) {
      return Wrong(absl::StrCat("in ", name, " a % is not followed by two hexadecimal digits"));
    }
    decoded += *byte;
    i += 2;
  }
  if (absl::StrContains(decoded, '\0')) return Wrong(absl::StrCat(name, " has a zero byte"));
  return decoded;
}

// Reads "name=value" into the field of that name.
absl::Status Take(TokenUri& uri, absl::string_view attribute, bool in_query) {
  const std::vector<absl::string_view> parts = absl::StrSplit(attribute, absl::MaxSplits('=', 1));
  const absl::string_view name = parts[0];
  if (name == "pin-value") return Wrong("a PIN does not belong here; use pin-source");
  std::string* field = nullptr;
  if (!in_query && name == "token") field = &uri.token;
  if (!in_query && name == "object") field = &uri.object;
  if (in_query && name == "module-path") field = &uri.module_path;
  if (in_query && name == "pin-source") field = &uri.pin_file;
  if (field == nullptr || parts.size() != 2) {
    return Wrong(absl::StrCat("'", name, "' is unknown there"));
  }
  if (!field->empty()) return Wrong(absl::StrCat(name, " stands twice"));
  KW_ASSIGN_OR_RETURN(*field, Decode(name, parts[1]));
  if (field->empty()) return Wrong(absl::StrCat(name, " is empty"));
  return absl::OkStatus();
}

absl::Status CheckComplete(TokenUri& uri) {
  if (uri.token.empty()) return Wrong("token is missing");
  if (uri.token.size() > 32) return Wrong("token has more than 32 bytes");
  if (!absl::StartsWith(uri.module_path, "/")) return Wrong("module-path is no absolute path");
  absl::string_view pin_file = uri.pin_file;
  if (!absl::ConsumePrefix(&pin_file, kFile) || !absl::StartsWith(pin_file, "/")) {
    return Wrong("pin-source is not file: and an absolute path");
  }
  uri.pin_file = std::string(pin_file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TokenUri> TokenUri::Parse(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kScheme)) return Wrong("it does not start with pkcs11:");
  const std::vector<absl::string_view> halves = absl::StrSplit(text, absl::MaxSplits('?', 1));
  TokenUri uri;
  for (const absl::string_view attribute : absl::StrSplit(halves[0], ';')) {
    KW_RETURN_IF_ERROR(Take(uri, attribute, /*in_query=*/false));
  }
  if (halves.size() == 2) {
    for (const absl::string_view attribute : absl::StrSplit(halves[1], '&')) {
      KW_RETURN_IF_ERROR(Take(uri, attribute, /*in_query=*/true));
    }
  }
  KW_RETURN_IF_ERROR(CheckComplete(uri));
  return uri;
}

}  // namespace keyward::hsm
