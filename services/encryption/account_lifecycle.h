#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/key_registrar.h"

namespace keyward::encryption {

// How long a deleted account can be recovered.
inline constexpr absl::Duration kAccountRetention = absl::Hours(48);

// Deletes, recovers and purges accounts. Deleting is, for those who follow the feed, a loss of
// access with the retention as its grace: the same events close the same gates and seal the same
// uploads. It is kept apart from the verdict on the account's key, which goes on to be judged: a
// loss while the account is deleted destroys its uploads, recovered or not. Purging destroys every
// key of the account in one transaction; what needs other services follows as pending work.
// Thread-safe.
class AccountLifecycle {
 public:
  // All must outlive this. `work` runs FinishPurge, `scrubber` empties the journal of what was
  // destroyed.
  AccountLifecycle(storage::Database& database, IdentityClient& identities, AccountWriter& writer,
                   AccessTransitions& transitions, KeyRegistrar& registrar,
                   clock::BackgroundWorker& work, clock::BackgroundWorker& scrubber,
                   const clock::Clock& clock)
      : database_(database),
        identities_(identities),
        writer_(writer),
        transitions_(transitions),
        registrar_(registrar),
        work_(work),
        scrubber_(scrubber),
        clock_(clock) {}

  // Each in the transaction that has read the account. The account must be live; deleted, and its
  // retention not over; deleted and not purged.
  absl::Status Delete(storage::Transaction& tx, Account& account, const Origin& origin);
  absl::Status Recover(storage::Transaction& tx, Account& account, const Origin& origin);
  absl::Status Purge(storage::Transaction& tx, Account& account, const Origin& origin);

  // The account as Delete would leave it.
  Account AfterDelete(Account account) const;

  // Whether it is too late to recover it.
  bool RetentionOver(const Account& account) const {
    return account.deleted() && account.deletion->purge_time <= clock_.Now();
  }

  // Purges the accounts whose retention is over; at most `limit` of them.
  absl::Status PurgeDue(const server::CallContext& call, int limit);

  // Deletes the identity of an account that was purged; can be repeated at will. PERMISSION_DENIED
  // if managed_identity leaves that to its administrators: the identity opens nothing any more.
  absl::Status FinishPurge(const server::CallContext& call, const AccountName& account);

 private:
  storage::Database& database_;
  IdentityClient& identities_;
  AccountWriter& writer_;
  AccessTransitions& transitions_;
  KeyRegistrar& registrar_;
  clock::BackgroundWorker& work_;
  clock::BackgroundWorker& scrubber_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_H_
