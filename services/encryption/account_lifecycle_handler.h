#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_HANDLER_H_

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/events/feed.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"
#include "keyward/encryption/v1/accounts.pb.h"
#include "services/encryption/account_lifecycle.h"
#include "services/encryption/account_views.h"

namespace keyward::encryption {

// The methods of AccountService that delete, recover and purge. Thread-safe.
class AccountLifecycleHandler {
 public:
  // All must outlive this. `feed` is this service's own: a call that takes access away waits until
  // it has brought the news to everybody.
  AccountLifecycleHandler(storage::Database& database, events::Feed& feed,
                          AccountLifecycle& lifecycle, const AccountViews& views,
                          const clock::Clock& clock)
      : database_(database), feed_(feed), lifecycle_(lifecycle), views_(views), clock_(clock) {}

  absl::StatusOr<v1::DeleteAccountResponse> Delete(const server::CallContext& call,
                                                   const v1::DeleteAccountRequest& request);
  absl::StatusOr<v1::Account> Recover(const server::CallContext& call,
                                      const v1::RecoverAccountRequest& request);
  absl::StatusOr<v1::PurgeAccountResponse> Purge(const server::CallContext& call,
                                                 const v1::PurgeAccountRequest& request);
  absl::StatusOr<v1::ListDeletedAccountsResponse> ListDeleted(
      const server::CallContext& call, const v1::ListDeletedAccountsRequest& request);

 private:
  // Carries `work` out, once for each request_id, and waits until it has taken effect everywhere;
  // or, with validate_only, looks what it would do (`work` must then change nothing).
  template <typename Response, typename Request>
  absl::StatusOr<Response> TakeAway(
      const server::CallContext& call, const Request& request,
      absl::FunctionRef<absl::StatusOr<Response>(storage::Transaction&)> work);

  storage::Database& database_;
  events::Feed& feed_;
  AccountLifecycle& lifecycle_;
  const AccountViews& views_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_LIFECYCLE_HANDLER_H_
