#ifndef KEYWARD_COMMON_INTEGRITY_ERRORS_H_
#define KEYWARD_COMMON_INTEGRITY_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace keyward::integrity {

// INVALID_ARGUMENT, reason CHECKSUM_MISMATCH, which the errors.proto of each service that checks
// has. `fields` are those whose bytes are not what their checksums say; at least one.
absl::Status ChecksumMismatch(const std::vector<std::string>& fields);

}  // namespace keyward::integrity

#endif  // KEYWARD_COMMON_INTEGRITY_ERRORS_H_
