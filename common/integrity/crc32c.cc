#include "common/integrity/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace keyward::integrity {

uint32_t Crc32c(absl::string_view bytes) {
  constexpr size_t kPiece = size_t{1} << 30;  // the library counts in int
  uint32_t crc = 0xFFFFFFFF;
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), kPiece);
    // It only reads, though its signature does not say so.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(size), crc);
    bytes.remove_prefix(size);
  }
  return ~crc;
}

}  // namespace keyward::integrity
