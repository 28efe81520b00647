#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/envelope/object_header.h"

using keyward::envelope::ObjectHeader;

// Whatever parses is exactly what its fields are written as, and its size was told by its start.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto told = ObjectHeader::SizeFromPrefix(input);
  const auto header = ObjectHeader::Parse(input);
  if (!header.ok()) return 0;
  const auto again = ObjectHeader::Create(
      {header->id(), header->scope_key_generation(), header->wrapped_inner_key(),
       header->platform_key_version(), header->wrapped_outer_key()});
  if (!told.ok() || *told != size || !again.ok() || again->bytes() != input) std::abort();
  return 0;
}
