#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_UNLOCKER_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_UNLOCKER_H_

#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/account_key.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/customer_keys.h"
#include "services/encryption/key_vault_client.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// Unwraps account keys for real: under the platform's key, or by key_vault under the customer's.
//
// When key_vault refuses with one of its own reasons, that is not believed at once: the feed is
// applied up to the newest event first (which mostly tells of the loss itself, with its true
// cause), then the key is tried once more with a fresh token. Only a second refusal, of an account
// that has not changed meanwhile, is a loss: CAUSE_REFUSED_BY_VAULT. Everything else that goes
// wrong leaves the account as it is, and the caller with ACCESS_UNVERIFIED. Thread-safe.
class KeyUnlocker {
 public:
  // What it works with; all must outlive it.
  struct Parts {
    storage::Database& database;
    const AccountDirectory& directory;
    const PlatformKeys& platform_keys;
    CustomerKeys& customer_keys;
    KeyVaultClient& key_vault;
    const Replica& replica;
    AccountWriter& writer;
    AccessTransitions& transitions;
    const clock::Clock& clock;
  };

  // An unwrap that fails.
  struct Trouble {
    absl::Time since;
    std::string why;
  };

  explicit KeyUnlocker(const Parts& parts) : parts_(parts) {}

  // The account key. ACCESS_DENIED, ACCESS_UNVERIFIED; DATA_LOSS if what is stored is damaged.
  absl::StatusOr<AccountKey> Unlock(const server::CallContext& call, const Account& account);

  // Records how a try to unwrap ended: in the account, and for TroubleWith.
  void NoteCheck(const Account& account, const absl::Status& status);

  // The trouble with an account's key, from the first failure to the next success.
  std::optional<Trouble> TroubleWith(const AccountName& account) const;

 private:
  absl::StatusOr<AccountKey> UnlockWithPlatformKey(const Account& account) const;
  // One try, and one that is noted; the status is key_vault's own.
  absl::StatusOr<AccountKey> UnwrapWithCustomerKey(const server::CallContext& call,
                                                   const Account& account);
  absl::StatusOr<AccountKey> TryCustomerKey(const server::CallContext& call,
                                            const Account& account);
  absl::StatusOr<AccountKey> ConfirmRefusal(const server::CallContext& call,
                                            const Account& account);
  absl::Status TakeAccess(const server::CallContext& call, const Account& account,
                          int64_t sequence);
  absl::Status Unverified(const Account& account, const absl::Status& cause);

  const Parts parts_;
  mutable absl::Mutex mutex_;
  std::map<AccountName, Trouble> troubles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_UNLOCKER_H_
