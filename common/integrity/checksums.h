#ifndef KEYWARD_COMMON_INTEGRITY_CHECKSUMS_H_
#define KEYWARD_COMMON_INTEGRITY_CHECKSUMS_H_

#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/wrappers.pb.h"

namespace keyward::integrity {

// A field of a request with the checksum that came along.
struct ChecksummedField {
  const char* name;
  absl::string_view bytes;
  bool has_checksum;
  const google::protobuf::Int64Value& checksum;
};

// CHECKSUM_MISMATCH, naming every field whose bytes are not those of its checksum. Comes before
// every other check of a request: what is damaged means nothing.
absl::Status CheckChecksums(std::initializer_list<ChecksummedField> fields);

// The checksum of a field of an answer.
void SetChecksum(absl::string_view bytes, google::protobuf::Int64Value& checksum);

}  // namespace keyward::integrity

#endif  // KEYWARD_COMMON_INTEGRITY_CHECKSUMS_H_
