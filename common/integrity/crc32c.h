#ifndef KEYWARD_COMMON_INTEGRITY_CRC32C_H_
#define KEYWARD_COMMON_INTEGRITY_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace keyward::integrity {

// CRC32C (RFC 3720, Castagnoli): finds bytes that were damaged by accident, in memory or on their
// way, inside whatever protects them on the wire. It protects against no attacker. Thread-safe.
uint32_t Crc32c(absl::string_view bytes);

// Whether `checksum`, as a google.protobuf.Int64Value carries it, is that of `bytes`.
inline bool MatchesCrc32c(absl::string_view bytes, int64_t checksum) {
  return checksum == int64_t{Crc32c(bytes)};
}

}  // namespace keyward::integrity

#endif  // KEYWARD_COMMON_INTEGRITY_CRC32C_H_
