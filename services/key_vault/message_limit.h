#ifndef KEYWARD_SERVICES_KEY_VAULT_MESSAGE_LIMIT_H_
#define KEYWARD_SERVICES_KEY_VAULT_MESSAGE_LIMIT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "services/key_vault/message_budget.h"
#include "services/key_vault/message_count_store.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// Keeps a key version from sealing more than 2^32 messages with AES-GCM (NIST SP 800-38D, 8.3): so
// two of its random nonces of 96 bits are equal with a probability below 2^-32. Over the life of
// the key and all replicas: a process takes kReserve messages at a time from the count in the
// database, so that one message in kReserve costs a write. What it does not use (when the key
// leaves memory, or the process ends) is lost, which a key can bear a million times. Messages that
// were sealed elsewhere, before a key was imported, are not counted. Thread-safe.
class MessageLimit {
 public:
  static constexpr int64_t kLimit = MessageCountStore::kLimit;
  static constexpr int64_t kReserve = 1 << 12;

  explicit MessageLimit(storage::Database& database) : database_(database) {}

  // Counts one message of the version, whose budget is given. RESOURCE_EXHAUSTED
  // (MESSAGE_LIMIT_REACHED) if it may seal no more.
  absl::Status Count(const KeyVersionName& version, MessageBudget& budget);

 private:
  storage::Database& database_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_MESSAGE_LIMIT_H_
