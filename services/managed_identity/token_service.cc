#include "services/managed_identity/token_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* TokenService::IssueToken(grpc::CallbackServerContext* context,
                                                   const identity::v1::IssueTokenRequest* request,
                                                   identity::v1::IssueTokenResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return tokens_.Issue(call, request); });
}

grpc::ServerUnaryReactor* TokenService::ExchangeToken(
    grpc::CallbackServerContext* context, const identity::v1::ExchangeTokenRequest* request,
    identity::v1::ExchangeTokenResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return exchanges_.Exchange(call, request); });
}

grpc::ServerUnaryReactor* TokenService::GetSigningKeys(
    grpc::CallbackServerContext* context, const identity::v1::GetSigningKeysRequest* request,
    identity::v1::GetSigningKeysResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto&, const auto&) { return tokens_.GetSigningKeys(); });
}

grpc::ServerUnaryReactor* TokenService::IntrospectToken(
    grpc::CallbackServerContext* context, const identity::v1::IntrospectTokenRequest* request,
    identity::v1::IntrospectTokenResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return introspection_.Introspect(call, request);
                           });
}

}  // namespace keyward::managed_identity
