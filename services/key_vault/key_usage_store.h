#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/key_vault/key_usage.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// What depends on key versions, in the database; it goes with the version that is purged. Lives
// within one transaction; errors are the transaction's.
class KeyUsageStore {
 public:
  explicit KeyUsageStore(storage::Transaction& tx) : tx_(tx) {}

  // The version must exist. A usage that is there already keeps its create_time.
  absl::Status Register(const KeyUsage& usage);
  // Harmless if there is no such usage.
  absl::Status Release(const KeyVersionName& version, const std::string& service,
                       const std::string& user);

  absl::StatusOr<std::optional<KeyUsage>> Find(const KeyVersionName& version,
                                               const std::string& service, const std::string& user);
  // At most `limit` usages that follow `after` (a SortKey, or empty), by version, user and service.
  absl::StatusOr<std::vector<KeyUsage>> List(const UsageScope& scope, const std::string& after,
                                             int limit);
  absl::StatusOr<int64_t> Count(const UsageScope& scope);

  // The place of a usage in a list.
  static std::string SortKey(const KeyUsage& usage);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_STORE_H_
