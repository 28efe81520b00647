#include "services/key_vault/cryptography_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* CryptographyService::WrapKey(grpc::CallbackServerContext* context,
                                                       const keyvault::v1::WrapKeyRequest* request,
                                                       keyvault::v1::WrapKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return cryptography_.Wrap(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::UnwrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::UnwrapKeyRequest* request,
    keyvault::v1::UnwrapKeyResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return cryptography_.Unwrap(call, request);
                           });
}

}  // namespace keyward::key_vault
