#include "common/integrity/checksums.h"

#include <vector>

#include "common/integrity/crc32c.h"
#include "common/integrity/errors.h"

namespace keyward::integrity {

absl::Status CheckChecksums(std::initializer_list<ChecksummedField> fields) {
  std::vector<std::string> damaged;
  for (const ChecksummedField& field : fields) {
    if (!field.has_checksum) continue;
    if (!MatchesCrc32c(field.bytes, field.checksum.value())) damaged.emplace_back(field.name);
  }
  return damaged.empty() ? absl::OkStatus() : ChecksumMismatch(damaged);
}

void SetChecksum(absl::string_view bytes, google::protobuf::Int64Value& checksum) {
  checksum.set_value(Crc32c(bytes));
}

}  // namespace keyward::integrity
