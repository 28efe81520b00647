#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/key_vault/key.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// Keys and their versions in the database, deleted ones included. Lives within one transaction;
// errors are the transaction's.
class KeyStore {
 public:
  explicit KeyStore(storage::Transaction& tx) : tx_(tx) {}

  // ALREADY_EXISTS if a key of the vault has the name, whatever the case.
  absl::Status Insert(const Key& key);
  // Stores everything about a key that can change. It must exist.
  absl::Status Update(const Key& key);
  // Removes the key with all its versions for good.
  absl::Status Purge(const KeyName& name);

  absl::StatusOr<std::optional<Key>> Find(const KeyName& name);
  // The key whose name is this one, whatever the case.
  absl::StatusOr<std::optional<Key>> FindFolded(const KeyName& name);
  // At most `limit` keys of a vault whose ids follow `after`, by id, each with its newest version.
  absl::StatusOr<std::vector<std::pair<Key, KeyVersion>>> List(const VaultName& vault,
                                                               const std::string& after, int limit,
                                                               Shown which);
  // The deleted keys whose purge was due at `now`, at most `limit`.
  absl::StatusOr<std::vector<Key>> ListDueForPurge(absl::Time now, int limit);

  // The key must exist. `sealed_private_key` may hold any bytes.
  absl::Status InsertVersion(const KeyVersion& version, const std::string& sealed_private_key);
  // Stores everything about a version that can change. It must exist.
  absl::Status UpdateVersion(const KeyVersion& version);
  // Enables or disables every version of a key that is not so yet; returns how many.
  absl::StatusOr<int64_t> SetEnabled(const KeyName& key, bool enabled, absl::Time now);

  absl::StatusOr<std::optional<KeyVersion>> FindVersion(const KeyVersionName& name);
  // At most `limit` versions of a key whose numbers are below `before` (0: from the newest on),
  // newest first.
  absl::StatusOr<std::vector<KeyVersion>> ListVersions(const KeyName& key, int64_t before,
                                                       int limit);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_STORE_H_
