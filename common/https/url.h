#ifndef KEYWARD_COMMON_HTTPS_URL_H_
#define KEYWARD_COMMON_HTTPS_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::https {

// The address of something that is fetched over HTTPS. A value.
struct Url {
  // A name or an IPv4 address, in lower case.
  std::string host;
  int port = 443;
  // Begins with a slash.
  std::string path;

  // Takes "https://{host}[:{port}][/{path}]" in its one plain spelling, at most 600 characters:
  // INVALID_ARGUMENT, saying what is wrong, for another scheme, a user, a query, a fragment, "..",
  // capital letters in the host and characters that would have to be escaped.
  static absl::StatusOr<Url> Parse(absl::string_view url);

  // Whether both lead to the same host and port.
  bool SameOrigin(const Url& other) const { return host == other.host && port == other.port; }
};

}  // namespace keyward::https

#endif  // KEYWARD_COMMON_HTTPS_URL_H_
