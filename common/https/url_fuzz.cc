#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/https/url.h"

// What parses has one spelling: written from its parts it is the input, but for the port and the
// path that may be left out, and is read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::https::Url;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto url = Url::Parse(input);
  if (!url.ok()) return 0;
  if (url->port < 1 || url->port > 65535 || !absl::StartsWith(url->path, "/")) std::abort();
  const std::string with_port = absl::StrCat("https://", url->host, ":", url->port);
  const std::string without = absl::StrCat("https://", url->host);
  const bool spelled =
      input == absl::StrCat(with_port, url->path) || (url->path == "/" && input == with_port) ||
      (url->port == 443 &&
       (input == absl::StrCat(without, url->path) || (url->path == "/" && input == without)));
  if (!spelled) std::abort();
  // Nobody must read another host in it.
  if (url->host.find_first_of("@:/?#%\\ ") != std::string::npos) std::abort();
  return 0;
}
