#ifndef KEYWARD_SERVICES_ENCRYPTION_PLATFORM_ROOT_H_
#define KEYWARD_SERVICES_ENCRYPTION_PLATFORM_ROOT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/database.h"
#include "services/encryption/platform_keys.h"

namespace keyward::encryption {

// The platform keys, unsealed with the root key in the file, which is made at the first start.
// FAILED_PRECONDITION, saying what to do, if the file is missing while there are platform keys,
// which only the lost root key opens; if it is not the one that sealed them; or if others may read
// it.
absl::StatusOr<std::unique_ptr<PlatformKeys>> OpenPlatformKeys(const std::string& root_key_file,
                                                               storage::Database& database,
                                                               const std::string& region,
                                                               absl::Time now);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_PLATFORM_ROOT_H_
