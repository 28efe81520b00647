#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_UUID_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_UUID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace keyward::managed_identity {

// A new random UUID (RFC 9562, version 4) in lower case. Thread-safe.
std::string NewUuid();

// Whether `text` is a UUID in lower case, of any version.
bool IsUuid(absl::string_view text);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_UUID_H_
