#include "services/key_vault/message_count_store.h"

#include "common/status/status_macros.h"

namespace keyward::key_vault {

absl::StatusOr<bool> MessageCountStore::Reserve(const KeyVersionName& version, int64_t messages,
                                                int64_t limit) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE key_versions SET sealed_messages = sealed_messages + :messages "
                  "WHERE vault_id = :vault_id AND key_id = :key_id AND version_id = :version_id "
                  "AND sealed_messages <= :most",
                  {{"messages", messages},
                   {"vault_id", version.vault().id()},
                   {"key_id", version.key().id()},
                   {"version_id", version.id()},
                   {"most", limit - messages}}));
  return rows == 1;
}

absl::Status MessageCountStore::Exhaust(const KeyVersionName& version) {
  return tx_
      .Execute(
          "UPDATE key_versions SET sealed_messages = :limit WHERE vault_id = :vault_id AND "
          "key_id = :key_id AND version_id = :version_id",
          {{"limit", kLimit},
           {"vault_id", version.vault().id()},
           {"key_id", version.key().id()},
           {"version_id", version.id()}})
      .status();
}

}  // namespace keyward::key_vault
