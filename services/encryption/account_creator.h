#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_CREATOR_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_CREATOR_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"
#include "services/encryption/account.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/identity_client.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// Creates accounts in three steps, of which none leaves a half-made account behind: a row that
// nobody sees holds the name; managed_identity registers the identity; the row becomes the account.
// What a crash or an outage cuts short is finished by FinishAll or by the same request sent again;
// what managed_identity refuses is undone. Thread-safe.
class AccountCreator {
 public:
  // All must outlive this.
  AccountCreator(storage::Database& database, IdentityClient& identities, const Replica& replica,
                 const PlatformKeys& platform_keys, AccountWriter& writer,
                 const clock::Clock& clock)
      : database_(database),
        identities_(identities),
        replica_(replica),
        platform_keys_(platform_keys),
        writer_(writer),
        clock_(clock) {}

  // Runs the last step in the transaction that it is given a function for, so that the caller can
  // store its answer with it.
  using Commit = absl::FunctionRef<absl::Status(
      absl::FunctionRef<absl::StatusOr<Account>(storage::Transaction&)>)>;

  // Creates the account that `wanted` describes: name, subscription, resource group, region, tier
  // and grace. ACCOUNT_EXISTS, SUBSCRIPTION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
  absl::Status Create(const server::CallContext& call, const Account& wanted, Commit commit);

  // Finishes, or undoes, whatever was cut short; OK if nothing is left.
  absl::Status FinishAll(const server::CallContext& call);

 private:
  // Takes the name, or the row of the same request that was cut short.
  absl::Status Reserve(const Account& wanted, const std::string& tenant);
  absl::Status RegisterIdentity(const server::CallContext& call, const AccountName& name,
                                const std::string& subscription);
  absl::StatusOr<Account> Activate(storage::Transaction& tx, const AccountName& name,
                                   const Origin& origin);
  absl::Status Undo(const AccountName& name);

  storage::Database& database_;
  IdentityClient& identities_;
  const Replica& replica_;
  const PlatformKeys& platform_keys_;
  AccountWriter& writer_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_CREATOR_H_
