#ifndef KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_
#define KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key_provider.h"
#include "common/crypto/root_key_set.h"
#include "common/storage/database.h"
#include "common/storage/migration.h"

namespace keyward::server {

// The table that remembers which root key belongs to a database, and while that changes, which key
// is next.
storage::Schema RootKeySchema();

// The root keys of a database: in `primary` the one that seals, in `previous` those that have
// sealed before. Only for a database that never had one is a key made, if there is none in its
// place; and for the key that is to be next, once all that it follows can be opened. Later they
// must be the same. FAILED_PRECONDITION, saying what to do, if a key is missing, is another's, or
// could be read by others; UNAVAILABLE if its place cannot be reached for the moment.
absl::StatusOr<std::unique_ptr<crypto::RootKeySet>> OpenRootKeys(
    const crypto::RootKeyProvider& primary,
    const std::vector<std::unique_ptr<crypto::RootKeyProvider>>& previous,
    storage::Database& database);

// The ids of the keys that a database needs.
struct RootKeyIds {
  // The key that belongs to the database.
  std::string settled;
  // The key that will, once all is sealed under it; empty when no change is under way.
  std::string next;
};

// What the database remembers. FAILED_PRECONDITION if it never had a root key.
absl::StatusOr<RootKeyIds> ReadRootKeyIds(storage::Transaction& tx);

// Makes the next key the one that belongs to the database, if its id is `next`; else does nothing.
absl::Status SettleRootKey(storage::Transaction& tx, absl::string_view next);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_ROOT_KEY_STORE_H_
