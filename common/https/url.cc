#include "common/https/url.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace keyward::https {
namespace {

constexpr size_t kMaxSize = 600;

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

bool IsHost(absl::string_view host) {
  return !host.empty() && host.size() <= 253 && absl::ascii_isalnum(host.front()) &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.';
         });
}

bool IsPath(absl::string_view path) {
  return !absl::StrContains(path, "..") && std::all_of(path.begin(), path.end(), [](char c) {
    return absl::ascii_isalnum(c) ||
           absl::string_view("/-._~:@!$&'()*+,;=").find(c) != absl::string_view::npos;
  });
}

}  // namespace

absl::StatusOr<Url> Url::Parse(absl::string_view url) {
  if (url.size() > kMaxSize) return Bad("must have at most 600 characters");
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "https://")) return Bad("must begin with https://");
  Url parsed;
  const size_t slash = std::min(rest.find('/'), rest.size());
  parsed.path = slash == rest.size() ? "/" : std::string(rest.substr(slash));
  absl::string_view authority = rest.substr(0, slash);
  if (const size_t colon = authority.find(':'); colon != absl::string_view::npos) {
    const absl::string_view port = authority.substr(colon + 1);
    if (!absl::SimpleAtoi(port, &parsed.port) || parsed.port < 1 || parsed.port > 65535 ||
        absl::StrCat(parsed.port) != port) {
      return Bad("has a malformed port");
    }
    authority = authority.substr(0, colon);
  }
  if (!IsHost(authority)) {
    return Bad("must name a host, in lower case, and neither user nor password");
  }
  if (!IsPath(parsed.path)) {
    return Bad("must have a plain path: no query, no fragment, nothing escaped");
  }
  parsed.host = std::string(authority);
  return parsed;
}

}  // namespace keyward::https
