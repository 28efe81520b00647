#ifndef KEYWARD_SERVICES_KEY_VAULT_MESSAGE_COUNT_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_MESSAGE_COUNT_STORE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// How many messages may have been sealed with AES-GCM under each key version, by all replicas
// together. Lives within one transaction; errors are the transaction's.
class MessageCountStore {
 public:
  // What a version may seal at most; message_limit.h says why.
  static constexpr int64_t kLimit = int64_t{1} << 32;

  explicit MessageCountStore(storage::Transaction& tx) : tx_(tx) {}

  // Counts `messages` more, unless there would then be more than `limit`: returns whether it did.
  absl::StatusOr<bool> Reserve(const KeyVersionName& version, int64_t messages, int64_t limit);

  // The version may seal no more from now on.
  absl::Status Exhaust(const KeyVersionName& version);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_MESSAGE_COUNT_STORE_H_
