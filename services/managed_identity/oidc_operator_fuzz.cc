#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/https/url.h"
#include "services/managed_identity/oidc_operator.h"

// Whatever names an operator has one spelling, so that no two names are one operator's, and one
// meaning: the issuer ends at the first '#'.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::managed_identity::OidcOperator;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto parsed = OidcOperator::Parse(input);
  if (!parsed.has_value()) return 0;
  if (parsed->principal() != input || parsed->subject.empty() ||
      parsed->issuer.find('#') != std::string::npos ||
      !keyward::https::Url::Parse(parsed->issuer).ok()) {
    std::abort();
  }
  return 0;
}
