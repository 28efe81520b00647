#ifndef KEYWARD_SERVICES_ENCRYPTION_NAMED_OBJECT_H_
#define KEYWARD_SERVICES_ENCRYPTION_NAMED_OBJECT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/envelope/object_id.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// An object that a request names. A value.
struct NamedObject {
  // INVALID_ARGUMENT, naming the field of the request, unless all three are well formed.
  static absl::StatusOr<NamedObject> Parse(const std::string& account, const std::string& scope,
                                           const std::string& object);

  AccountName account;
  envelope::ObjectId id;
};

// INVALID_ARGUMENT, naming the field `object`, unless it has 1-512 characters.
absl::Status CheckObject(const std::string& object);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_NAMED_OBJECT_H_
