#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "services/encryption/accounts_handler.h"

namespace keyward::encryption {

// AccountService over gRPC. Thread-safe.
class AccountServiceAdapter final : public v1::AccountService::CallbackService {
 public:
  // All must outlive this.
  AccountServiceAdapter(server::Dispatcher& dispatcher, AccountsHandler& accounts)
      : dispatcher_(dispatcher), accounts_(accounts) {}

  grpc::ServerUnaryReactor* CreateAccount(grpc::CallbackServerContext* context,
                                          const v1::CreateAccountRequest* request,
                                          v1::Account* response) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context,
                                       const v1::GetAccountRequest* request,
                                       v1::Account* response) override;
  grpc::ServerUnaryReactor* ListAccounts(grpc::CallbackServerContext* context,
                                         const v1::ListAccountsRequest* request,
                                         v1::ListAccountsResponse* response) override;
  grpc::ServerUnaryReactor* ListTiers(grpc::CallbackServerContext* context,
                                      const v1::ListTiersRequest* request,
                                      v1::ListTiersResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  AccountsHandler& accounts_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCOUNT_SERVICE_H_
