#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "services/encryption/account_lifecycle_handler.h"
#include "services/encryption/accounts_handler.h"

namespace keyward::encryption {

// AccountService over gRPC. Thread-safe.
class AccountServiceAdapter final : public v1::AccountService::CallbackService {
 public:
  // All must outlive this.
  AccountServiceAdapter(server::Dispatcher& dispatcher, AccountsHandler& accounts,
                        AccountLifecycleHandler& lifecycle)
      : dispatcher_(dispatcher), accounts_(accounts), lifecycle_(lifecycle) {}

  grpc::ServerUnaryReactor* CreateAccount(grpc::CallbackServerContext* context,
                                          const v1::CreateAccountRequest* request,
                                          v1::Account* response) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context,
                                       const v1::GetAccountRequest* request,
                                       v1::Account* response) override;
  grpc::ServerUnaryReactor* ListAccounts(grpc::CallbackServerContext* context,
                                         const v1::ListAccountsRequest* request,
                                         v1::ListAccountsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateAccount(grpc::CallbackServerContext* context,
                                          const v1::UpdateAccountRequest* request,
                                          v1::Account* response) override;
  grpc::ServerUnaryReactor* DeleteAccount(grpc::CallbackServerContext* context,
                                          const v1::DeleteAccountRequest* request,
                                          v1::DeleteAccountResponse* response) override;
  grpc::ServerUnaryReactor* RecoverAccount(grpc::CallbackServerContext* context,
                                           const v1::RecoverAccountRequest* request,
                                           v1::Account* response) override;
  grpc::ServerUnaryReactor* PurgeAccount(grpc::CallbackServerContext* context,
                                         const v1::PurgeAccountRequest* request,
                                         v1::PurgeAccountResponse* response) override;
  grpc::ServerUnaryReactor* ListDeletedAccounts(grpc::CallbackServerContext* context,
                                                const v1::ListDeletedAccountsRequest* request,
                                                v1::ListDeletedAccountsResponse* response) override;
  grpc::ServerUnaryReactor* ListTiers(grpc::CallbackServerContext* context,
                                      const v1::ListTiersRequest* request,
                                      v1::ListTiersResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  AccountsHandler& accounts_;
  AccountLifecycleHandler& lifecycle_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_
