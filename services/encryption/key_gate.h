#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_GATE_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_GATE_H_

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/key_cache.h"
#include "services/encryption/key_unlocker.h"
#include "services/encryption/open_keys.h"

namespace keyward::encryption {

// An account whose gate is open, with its keys.
struct OpenAccount {
  AccountPtr account;
  std::shared_ptr<OpenKeys> keys;
};

// OK while what is known of key_vault and managed_identity is fresh; otherwise which is not.
using FreshnessCheck = std::function<absl::Status()>;

// The gate that every use of an account's keys passes, in and out. It is shut while access is
// DENIED, and for customer-managed accounts while it cannot be confirmed. Keys come from the cache,
// or from one unwrap at a time and account, whoever else asks meanwhile. Thread-safe.
class KeyGate {
 public:
  // All must outlive this.
  KeyGate(const AccountDirectory& directory, KeyCache& cache, KeyUnlocker& unlocker,
          FreshnessCheck fresh, const clock::Clock& clock)
      : directory_(directory),
        cache_(cache),
        unlocker_(unlocker),
        fresh_(std::move(fresh)),
        clock_(clock) {}

  // Runs `work` with the account's keys, and returns its result only if the gate is still open then
  // and nothing has changed that the keys depend on; otherwise runs it anew, or says why not.
  // ACCOUNT_NOT_FOUND, ACCOUNT_DELETED, ACCESS_DENIED, ACCESS_UNVERIFIED, and what `work` returns.
  template <typename Result>
  absl::StatusOr<Result> Run(const server::CallContext& call, const AccountName& name,
                             absl::FunctionRef<absl::StatusOr<Result>(const OpenAccount&)> work) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      absl::StatusOr<OpenAccount> open = Open(call, name);
      if (!open.ok()) return std::move(open).status();
      absl::StatusOr<Result> result = work(*open);
      if (StillOpen(*open)) return result;
    }
    return KeepsChanging(name);
  }

  // The account as it is now, if its gate is open; without touching keys. ACCOUNT_NOT_FOUND and
  // what Check returns.
  absl::StatusOr<AccountPtr> Standing(const AccountName& name) const;

  // ACCOUNT_DELETED, ACCESS_DENIED or ACCESS_UNVERIFIED, if that is how things stand, without
  // touching keys.
  absl::Status Check(const Account& account) const;

  // Whether the account's keys are at hand.
  bool HasKeys(const Account& account) const { return cache_.Has(account); }

  // Unwraps a customer-managed account's key anew, in time before the cache forgets it.
  absl::Status Refresh(const server::CallContext& call, const AccountName& name);

 private:
  static constexpr int kAttempts = 3;

  enum class Accept { kCached, kNew };

  struct Flight {
    bool landed = false;
    absl::StatusOr<std::shared_ptr<OpenKeys>> keys = absl::UnknownError("in flight");
  };

  absl::StatusOr<OpenAccount> Open(const server::CallContext& call, const AccountName& name);
  bool StillOpen(const OpenAccount& open) const;
  absl::StatusOr<std::shared_ptr<OpenKeys>> Load(const server::CallContext& call,
                                                 const Account& account, Accept accept);
  absl::StatusOr<std::shared_ptr<OpenKeys>> Fly(const server::CallContext& call,
                                                const Account& account);
  static absl::Status KeepsChanging(const AccountName& name);

  const AccountDirectory& directory_;
  KeyCache& cache_;
  KeyUnlocker& unlocker_;
  const FreshnessCheck fresh_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::pair<AccountName, int64_t>, std::shared_ptr<Flight>> flights_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_GATE_H_
