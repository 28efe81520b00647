#include "services/key_vault/key_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* KeyService::CreateKey(grpc::CallbackServerContext* context,
                                                const keyvault::v1::CreateKeyRequest* request,
                                                keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Create(call, request); });
}

grpc::ServerUnaryReactor* KeyService::ImportKey(grpc::CallbackServerContext* context,
                                                const keyvault::v1::ImportKeyRequest* request,
                                                keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return imports_.Import(call, request); });
}

grpc::ServerUnaryReactor* KeyService::GetKey(grpc::CallbackServerContext* context,
                                             const keyvault::v1::GetKeyRequest* request,
                                             keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Get(call, request); });
}

grpc::ServerUnaryReactor* KeyService::ListKeys(grpc::CallbackServerContext* context,
                                               const keyvault::v1::ListKeysRequest* request,
                                               keyvault::v1::ListKeysResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.List(call, request); });
}

grpc::ServerUnaryReactor* KeyService::GetKeyVersion(
    grpc::CallbackServerContext* context, const keyvault::v1::GetKeyVersionRequest* request,
    keyvault::v1::KeyVersion* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return versions_.Get(call, request); });
}

grpc::ServerUnaryReactor* KeyService::ListKeyVersions(
    grpc::CallbackServerContext* context, const keyvault::v1::ListKeyVersionsRequest* request,
    keyvault::v1::ListKeyVersionsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return versions_.List(call, request); });
}

grpc::ServerUnaryReactor* KeyService::RotateKey(grpc::CallbackServerContext* context,
                                                const keyvault::v1::RotateKeyRequest* request,
                                                keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Rotate(call, request); });
}

grpc::ServerUnaryReactor* KeyService::UpdateKeyVersion(
    grpc::CallbackServerContext* context, const keyvault::v1::UpdateKeyVersionRequest* request,
    keyvault::v1::UpdateKeyVersionResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return versions_.Update(call, request); });
}

grpc::ServerUnaryReactor* KeyService::DisableKey(grpc::CallbackServerContext* context,
                                                 const keyvault::v1::DisableKeyRequest* request,
                                                 keyvault::v1::DisableKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return versions_.Disable(call, request); });
}

grpc::ServerUnaryReactor* KeyService::EnableKey(grpc::CallbackServerContext* context,
                                                const keyvault::v1::EnableKeyRequest* request,
                                                keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return versions_.Enable(call, request); });
}

grpc::ServerUnaryReactor* KeyService::DeleteKey(grpc::CallbackServerContext* context,
                                                const keyvault::v1::DeleteKeyRequest* request,
                                                keyvault::v1::DeleteKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Delete(call, request); });
}

grpc::ServerUnaryReactor* KeyService::RecoverKey(grpc::CallbackServerContext* context,
                                                 const keyvault::v1::RecoverKeyRequest* request,
                                                 keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return keys_.Recover(call, request); });
}

grpc::ServerUnaryReactor* KeyService::PurgeKey(grpc::CallbackServerContext* context,
                                               const keyvault::v1::PurgeKeyRequest* request,
                                               keyvault::v1::PurgeKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return purge_.PurgeKey(call, request); });
}

grpc::ServerUnaryReactor* KeyService::InspectKey(grpc::CallbackServerContext* context,
                                                 const keyvault::v1::InspectKeyRequest* request,
                                                 keyvault::v1::InspectKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return inspection_.Inspect(call, request); });
}

}  // namespace keyward::key_vault
