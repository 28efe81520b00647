#include "services/managed_identity/signing_key_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* SigningKeyService::ListSigningKeys(
    grpc::CallbackServerContext* context, const identity::v1::ListSigningKeysRequest* request,
    identity::v1::ListSigningKeysResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return keys_.List(request);
  });
}

grpc::ServerUnaryReactor* SigningKeyService::RotateSigningKey(
    grpc::CallbackServerContext* context, const identity::v1::RotateSigningKeyRequest* request,
    identity::v1::RotateSigningKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Rotate(call, request); });
}

grpc::ServerUnaryReactor* SigningKeyService::RevokeSigningKey(
    grpc::CallbackServerContext* context, const identity::v1::RevokeSigningKeyRequest* request,
    identity::v1::RevokeSigningKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Revoke(call, request); });
}

}  // namespace keyward::managed_identity
