#ifndef KEYWARD_SERVICES_ENCRYPTION_WORK_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_WORK_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// Something to be done for an account in the background, asked for in the transaction of what gave
// rise to it, so that it survives a restart.
struct AccountWork {
  // The numbers are stored.
  enum class Kind {
    // See whether a lost access is back.
    kRestore = 1,
    // Take over the newest version of the customer's key.
    kFollowNewest = 2,
    // See that key_vault knows which key versions the account depends on.
    kSettleKeyUsages = 3,
    // Delete the identity of an account that was purged.
    kDeleteIdentity = 4,
  };

  AccountName account;
  Kind kind;
  // The event that asked for it.
  std::string event;
  int64_t attempts = 0;
  absl::Time due;
};

// The SQL over pending work. Errors are those of Transaction.

// Asks for work; the same work asked for already begins anew.
absl::Status RequestWork(storage::Transaction& tx, const AccountName& account,
                         AccountWork::Kind kind, const std::string& event, absl::Time due);

// What is due, oldest first; at most `limit`.
absl::StatusOr<std::vector<AccountWork>> DueWork(storage::Transaction& tx, absl::Time now,
                                                 int limit);

// When the next work is due; none if nothing is pending.
absl::StatusOr<std::optional<absl::Time>> NextDue(storage::Transaction& tx);

// Ends work, or puts it off, unless it was asked for anew meanwhile.
absl::Status FinishWork(storage::Transaction& tx, const AccountWork& work);
absl::Status PostponeWork(storage::Transaction& tx, const AccountWork& work, absl::Time due);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_WORK_STORE_H_
