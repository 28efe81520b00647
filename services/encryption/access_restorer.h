#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_RESTORER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_RESTORER_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/customer_keys.h"
#include "services/encryption/key_examiner.h"
#include "services/encryption/key_unlocker.h"

namespace keyward::encryption {

// Tries the customer's key for real, and opens an account that was DENIED if it works. Thread-safe.
class AccessRestorer {
 public:
  // All must outlive this.
  AccessRestorer(storage::Database& database, const AccountDirectory& directory,
                 KeyExaminer& examiner, CustomerKeys& customer_keys, KeyUnlocker& unlocker,
                 AccessTransitions& transitions)
      : database_(database),
        directory_(directory),
        examiner_(examiner),
        customer_keys_(customer_keys),
        unlocker_(unlocker),
        transitions_(transitions) {}

  // Evaluates every rule for the key in use, with the identity's present principal, and unwraps the
  // account key with it. Returns the account, which is ACCESSIBLE. CUSTOMER_KEY_RULES_BROKEN says
  // what is missing, and the account stays as it was; DEPENDENCY_UNAVAILABLE.
  absl::StatusOr<Account> Try(const server::CallContext& call, const AccountName& name,
                              const std::string& caused_by = "");

 private:
  // One attempt; none if something has changed meanwhile.
  absl::StatusOr<std::optional<Account>> TryOnce(const server::CallContext& call,
                                                 const AccountPtr& account,
                                                 const std::string& caused_by);
  absl::StatusOr<std::optional<Account>> Commit(const server::CallContext& call,
                                                const AccountPtr& before, const BindingFacts& facts,
                                                const std::string& caused_by);

  storage::Database& database_;
  const AccountDirectory& directory_;
  KeyExaminer& examiner_;
  CustomerKeys& customer_keys_;
  KeyUnlocker& unlocker_;
  AccessTransitions& transitions_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_RESTORER_H_
