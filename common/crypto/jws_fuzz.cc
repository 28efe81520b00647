#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/jws.h"
#include "common/crypto/strict_json.h"

// Whatever parses is one spelling of what it says: the parts, encoded again, give the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto jws = keyward::crypto::ParseJws(input);
  if (!jws.ok()) return 0;
  if (absl::StrCat(jws->signing_input, ".", absl::WebSafeBase64Escape(jws->signature)) != input ||
      !keyward::crypto::ParseStrictJsonObject(jws->payload).ok()) {
    std::abort();
  }
  return 0;
}
