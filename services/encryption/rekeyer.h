#ifndef KEYWARD_SERVICES_ENCRYPTION_REKEYER_H_
#define KEYWARD_SERVICES_ENCRYPTION_REKEYER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/account_key.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/binding_facts.h"
#include "services/encryption/customer_keys.h"
#include "services/encryption/key_examiner.h"
#include "services/encryption/key_registrar.h"
#include "services/encryption/key_unlocker.h"
#include "services/encryption/names.h"
#include "services/encryption/platform_keys.h"

namespace keyward::encryption {

// Puts an account under another key: the customer's, another one, another version, or the
// platform's. It makes a fresh account key each time, so that the old one, in whatever copy of its
// old wrapping, opens nothing that is stored from then on; the few scope keys are wrapped anew
// under it, and no data is touched. Two steps: Plan does all that needs the network and changes
// nothing; Commit does the change, in one transaction that also overwrites every old wrapping, and
// only if everything that the plan rests on still holds. Thread-safe.
class Rekeyer {
 public:
  // All must outlive this.
  Rekeyer(KeyExaminer& examiner, KeyUnlocker& unlocker, CustomerKeys& customer_keys,
          const PlatformKeys& platform_keys, KeyRegistrar& registrar, AccountWriter& writer,
          clock::BackgroundWorker& scrubber, const clock::Clock& clock)
      : examiner_(examiner),
        unlocker_(unlocker),
        customer_keys_(customer_keys),
        platform_keys_(platform_keys),
        registrar_(registrar),
        writer_(writer),
        scrubber_(scrubber),
        clock_(clock) {}

  struct Plan {
    AccountPtr before;
    AccountKey old_key;
    AccountKey new_key;
    WrappedAccountKey wrapped;
    // None for the platform's key.
    std::optional<Binding> binding;
    // What key_vault told, of the new key, or of the old one if there is no new one.
    BindingFacts facts;
  };

  // For this customer key, used by `user` as `principal`. CUSTOMER_KEY_RULES_BROKEN; ACCESS_DENIED
  // or ACCESS_UNVERIFIED if the present key does not open; DEPENDENCY_UNAVAILABLE.
  absl::StatusOr<Plan> PlanCustomerKey(const server::CallContext& call, const AccountPtr& account,
                                       const CustomerKeyName& key, const KeyUser& user,
                                       const std::string& principal);

  // For the platform's key. Errors as above, without the rules.
  absl::StatusOr<Plan> PlanPlatformKey(const server::CallContext& call, const AccountPtr& account);

  // Carries a plan out; returns the account, or none if something has changed meanwhile: then
  // nothing was done, and the caller plans anew.
  absl::StatusOr<std::optional<Account>> Commit(storage::Transaction& tx, const Plan& plan,
                                                const Origin& origin);

 private:
  // Wraps with the customer's key, and makes sure that the result unwraps.
  absl::StatusOr<std::string> WrapAndVerify(const server::CallContext& call, const KeyUser& user,
                                            const Binding& binding, const AccountKey& key);

  KeyExaminer& examiner_;
  KeyUnlocker& unlocker_;
  CustomerKeys& customer_keys_;
  const PlatformKeys& platform_keys_;
  KeyRegistrar& registrar_;
  AccountWriter& writer_;
  clock::BackgroundWorker& scrubber_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_REKEYER_H_
