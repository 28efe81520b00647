#include "common/integrity/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"

namespace keyward::integrity {

absl::Status ChecksumMismatch(const std::vector<std::string>& fields) {
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "CHECKSUM_MISMATCH",
                     absl::StrCat("the bytes of ", absl::StrJoin(fields, " and "),
                                  " do not match their CRC32C: they were damaged on their way. "
                                  "Nothing was done with them; send them again"));
  error.With("field", absl::StrJoin(fields, ","));
  for (const std::string& field : fields) error.BadField(field, "does not match its CRC32C");
  return error;
}

}  // namespace keyward::integrity
