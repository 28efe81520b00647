#include "services/key_vault/message_limit.h"

#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/message_count_store.h"

namespace keyward::key_vault {

absl::Status MessageLimit::Count(const KeyVersionName& version, MessageBudget& budget) {
  if (budget.Take()) return absl::OkStatus();
  bool reserved = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(reserved, MessageCountStore(tx).Reserve(version, kReserve, kLimit));
    return absl::OkStatus();
  }));
  if (!reserved) return MessageLimitReached(version);
  budget.Add(kReserve - 1);
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
