#include "services/key_vault/cryptography_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* CryptographyService::Encrypt(grpc::CallbackServerContext* context,
                                                       const keyvault::v1::EncryptRequest* request,
                                                       keyvault::v1::EncryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return encryption_.Encrypt(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::Decrypt(grpc::CallbackServerContext* context,
                                                       const keyvault::v1::DecryptRequest* request,
                                                       keyvault::v1::DecryptResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return encryption_.Decrypt(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::WrapKey(grpc::CallbackServerContext* context,
                                                       const keyvault::v1::WrapKeyRequest* request,
                                                       keyvault::v1::WrapKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return wrapping_.Wrap(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::UnwrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::UnwrapKeyRequest* request,
    keyvault::v1::UnwrapKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return wrapping_.Unwrap(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::RewrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::RewrapKeyRequest* request,
    keyvault::v1::RewrapKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return wrapping_.Rewrap(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::Sign(grpc::CallbackServerContext* context,
                                                    const keyvault::v1::SignRequest* request,
                                                    keyvault::v1::SignResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return signatures_.Sign(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::Verify(grpc::CallbackServerContext* context,
                                                      const keyvault::v1::VerifyRequest* request,
                                                      keyvault::v1::VerifyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return signatures_.Verify(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::GenerateRandomBytes(
    grpc::CallbackServerContext* context, const keyvault::v1::GenerateRandomBytesRequest* request,
    keyvault::v1::GenerateRandomBytesResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return random_.Generate(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::BatchWrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::BatchWrapKeyRequest* request,
    keyvault::v1::BatchWrapKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return wrapping_.BatchWrap(call, request); });
}

grpc::ServerUnaryReactor* CryptographyService::BatchUnwrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::BatchUnwrapKeyRequest* request,
    keyvault::v1::BatchUnwrapKeyResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return wrapping_.BatchUnwrap(call, request);
                           });
}

grpc::ServerUnaryReactor* CryptographyService::BatchRewrapKey(
    grpc::CallbackServerContext* context, const keyvault::v1::BatchRewrapKeyRequest* request,
    keyvault::v1::BatchRewrapKeyResponse* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return wrapping_.BatchRewrap(call, request);
                           });
}

}  // namespace keyward::key_vault
