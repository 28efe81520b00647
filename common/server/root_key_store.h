#ifndef KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_
#define KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "common/storage/database.h"
#include "common/storage/migration.h"

namespace keyward::server {

// The table that remembers which root key belongs to a database.
storage::Schema RootKeySchema();

// The root key in the file `path`. Only for a database that never had one is a file made if there
// is none; later it must be the same key. FAILED_PRECONDITION, saying what to do, if it is missing,
// is another's, or others than the owner can read it.
absl::StatusOr<std::unique_ptr<crypto::RootKey>> OpenRootKey(const std::string& path,
                                                             storage::Database& database);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_
