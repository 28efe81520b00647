#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKGROUND_CALL_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKGROUND_CALL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"

namespace keyward::key_vault {

// The call that an act of background work stands for in events and audit entries.
server::CallContext BackgroundCall();

// Records such an act in the transaction that does it, with what was noted in the call. `operation`
// is such as "background/PurgeKey"; `result` the name of a status code.
absl::Status AuditBackground(storage::Transaction& tx, const server::CallContext& call,
                             absl::string_view operation, const std::string& resource,
                             absl::Time now, absl::string_view result = "OK");

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKGROUND_CALL_H_
