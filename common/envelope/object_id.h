#ifndef KEYWARD_COMMON_ENVELOPE_OBJECT_ID_H_
#define KEYWARD_COMMON_ENVELOPE_OBJECT_ID_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace keyward::envelope {

// What a stored object is bound to: it opens under these three names only. Each is a string of
// bytes, never empty, compared byte by byte.
struct ObjectId {
  static constexpr size_t kMaxAccount = 128;
  static constexpr size_t kMaxScope = 64;
  static constexpr size_t kMaxObject = 1536;

  std::string account;  // such as "accounts/contoso"
  std::string scope;    // such as "uploads"
  std::string object;   // unique within account and scope

  friend bool operator==(const ObjectId&, const ObjectId&) = default;
};

// INVALID_ARGUMENT, saying why, if a name is empty or longer than its limit in bytes.
absl::Status CheckObjectId(const ObjectId& id);

// The associated data of both layers: an encoding from which the three names can be read back, so
// that no two ids share one (docs/formats.md). The id must have passed CheckObjectId().
std::string AssociatedData(const ObjectId& id);

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_OBJECT_ID_H_
