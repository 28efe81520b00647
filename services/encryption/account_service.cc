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

grpc::ServerUnaryReactor* AccountServiceAdapter::UpdateAccount(
    grpc::CallbackServerContext* context, const v1::UpdateAccountRequest* request,
    v1::Account* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::UpdateAccountRequest& asked) {
        return accounts_.Update(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::DeleteAccount(
    grpc::CallbackServerContext* context, const v1::DeleteAccountRequest* request,
    v1::DeleteAccountResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::DeleteAccountRequest& asked) {
        return lifecycle_.Delete(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::RecoverAccount(
    grpc::CallbackServerContext* context, const v1::RecoverAccountRequest* request,
    v1::Account* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::RecoverAccountRequest& asked) {
        return lifecycle_.Recover(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::PurgeAccount(
    grpc::CallbackServerContext* context, const v1::PurgeAccountRequest* request,
    v1::PurgeAccountResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::PurgeAccountRequest& asked) {
        return lifecycle_.Purge(call, asked);
      });
}

grpc::ServerUnaryReactor* AccountServiceAdapter::ListDeletedAccounts(
    grpc::CallbackServerContext* context, const v1::ListDeletedAccountsRequest* request,
    v1::ListDeletedAccountsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::ListDeletedAccountsRequest& asked) {
        return lifecycle_.ListDeleted(call, asked);
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
