#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_CACHE_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_CACHE_H_

#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/open_keys.h"

namespace keyward::encryption {

// Unwrapped keys, kept for a bounded time. An entry is good for the account as it was when the keys
// were taken (KeyTag): whoever asks with a newer account gets nothing, and keys that arrive late
// are not put back. Thread-safe.
class KeyCache {
 public:
  struct Options {
    absl::Duration lifetime = absl::Minutes(5);
    // When keys of a customer that are in use should be unwrapped anew.
    absl::Duration refresh_after = absl::Minutes(4);
  };

  // `directory` and `clock` must outlive this.
  KeyCache(const AccountDirectory& directory, const clock::Clock& clock, Options options)
      : directory_(directory), clock_(clock), options_(options) {}
  KeyCache(const AccountDirectory& directory, const clock::Clock& clock)
      : KeyCache(directory, clock, Options()) {}

  // The keys of this account, as it is now; null if there are none.
  std::shared_ptr<OpenKeys> Find(const Account& account);

  // Whether Find would return keys; does not count as use.
  bool Has(const Account& account) const;

  // Keeps keys that were taken from `account`, unless the account has moved on. The lifetime starts
  // at `taken`, on the monotonic clock: before key_vault was asked.
  void Put(const Account& account, std::shared_ptr<OpenKeys> keys, absl::Duration taken);

  // Forgets the keys of an account; of all.
  void Drop(const AccountName& account);

  void Clear();

  // Forgets what is too old, and returns the customer-managed accounts whose keys were used lately
  // and should be unwrapped anew.
  std::vector<AccountName> Sweep();

 private:
  struct Entry {
    KeyTag tag;
    bool customer_managed = false;
    std::shared_ptr<OpenKeys> keys;
    absl::Duration taken;
    bool used = false;
  };

  bool Good(const Entry& entry, const Account& account) const;

  const AccountDirectory& directory_;
  const clock::Clock& clock_;
  const Options options_;
  mutable absl::Mutex mutex_;
  std::map<AccountName, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_CACHE_H_
