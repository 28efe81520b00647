#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/foreign_keys.h"
#include "common/auth/foreign_token.h"

// Anything may come: as a token, or as the keys of an issuer. What parses as a token has one
// spelling, and no key that anybody made up verifies it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyward::auth::ForeignKeys;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto token = keyward::auth::ParseForeignToken(input); token.ok()) {
    if (absl::StrCat(token->signing_input, ".", absl::WebSafeBase64Escape(token->signature)) !=
            input ||
        token->issuer.empty() || token->subject.empty() || token->audiences.empty()) {
      std::abort();
    }
  }
  if (const auto keys = ForeignKeys::Parse(input); keys.ok()) {
    if (keys->Verify("k", "none", "input", "") == ForeignKeys::Verdict::kValid ||
        keys->Verify("k", "RS256", "input", "signature") == ForeignKeys::Verdict::kValid) {
      std::abort();
    }
  }
  return 0;
}
