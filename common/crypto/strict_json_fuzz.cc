#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/crypto/strict_json.h"

// Whatever parses can be written and is read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto object = keyward::crypto::ParseStrictJsonObject(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!object.ok()) return 0;
  const auto again = keyward::crypto::ParseStrictJsonObject(object->dump());
  if (!again.ok() || *again != *object) std::abort();
  return 0;
}
