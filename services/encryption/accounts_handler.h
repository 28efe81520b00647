#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNTS_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNTS_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/encryption/v1/accounts.pb.h"
#include "services/encryption/account_creator.h"
#include "services/encryption/account_directory.h"
#include "services/encryption/account_views.h"
#include "services/encryption/account_writer.h"

namespace keyward::encryption {

// The methods of AccountService, but for those that delete, recover and purge. Thread-safe.
class AccountsHandler {
 public:
  // All must outlive this.
  AccountsHandler(storage::Database& database, AccountCreator& creator,
                  const AccountDirectory& directory, const AccountViews& views,
                  AccountWriter& writer, const clock::Clock& clock)
      : database_(database),
        creator_(creator),
        directory_(directory),
        views_(views),
        writer_(writer),
        clock_(clock) {}

  absl::StatusOr<v1::Account> Create(const server::CallContext& call,
                                     const v1::CreateAccountRequest& request);
  absl::StatusOr<v1::Account> Get(const server::CallContext& call,
                                  const v1::GetAccountRequest& request);
  absl::StatusOr<v1::ListAccountsResponse> List(const server::CallContext& call,
                                                const v1::ListAccountsRequest& request);
  absl::StatusOr<v1::Account> Update(const server::CallContext& call,
                                     const v1::UpdateAccountRequest& request);
  absl::StatusOr<v1::ListTiersResponse> ListTiers(const server::CallContext& call,
                                                  const v1::ListTiersRequest& request);

 private:
  // The account as the request would leave it, or why that cannot be.
  absl::StatusOr<Account> Updated(storage::Transaction& tx, const AccountName& name,
                                  const v1::UpdateAccountRequest& request) const;

  storage::Database& database_;
  AccountCreator& creator_;
  const AccountDirectory& directory_;
  const AccountViews& views_;
  AccountWriter& writer_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNTS_HANDLER_H_
