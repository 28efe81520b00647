#include "services/encryption/account_service.h"

namespace keyward::encryption {

grpc::ServerUnaryReactor* AccountServiceAdapter::CreateAccount(
    grpc::CallbackServerContext* context, const v1::CreateAccountRequest* request,
    v1::Account* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::CreateAccountRequest& asked) {
        return accounts_.Create(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::GetAccount(grpc::CallbackServerContext* context,
                                                            const v1::GetAccountRequest* request,
                                                            v1::Account* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::GetAccountRequest& asked) {
        return accounts_.Get(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::ListAccounts(
    grpc::CallbackServerContext* context, const v1::ListAccountsRequest* request,
    v1::ListAccountsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::ListAccountsRequest& asked) {
        return accounts_.List(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::ListTiers(grpc::CallbackServerContext* context,
                                                           const v1::ListTiersRequest* request,
                                                           v1::ListTiersResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::ListTiersRequest& asked) {
        return accounts_.ListTiers(call, asked);
      });
}

}  // namespace keyward::encryption
