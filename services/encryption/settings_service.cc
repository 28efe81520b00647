#include "services/encryption/settings_service.h"

namespace keyward::encryption {

grpc::ServerUnaryReactor* SettingsServiceAdapter::GetEncryptionSettings(
    grpc::CallbackServerContext* context, const v1::GetEncryptionSettingsRequest* request,
    v1::EncryptionSettings* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::GetEncryptionSettingsRequest& asked) {
        return settings_.Get(call, asked);
      });
}

grpc::ServerUnaryReactor* SettingsServiceAdapter::ValidateCustomerManagedKey(
    grpc::CallbackServerContext* context, const v1::ValidateCustomerManagedKeyRequest* request,
    v1::ValidateCustomerManagedKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::ValidateCustomerManagedKeyRequest& asked) {
        return settings_.Validate(call, asked);
      });
}

grpc::ServerUnaryReactor* SettingsServiceAdapter::EnableCustomerManagedKey(
    grpc::CallbackServerContext* context, const v1::EnableCustomerManagedKeyRequest* request,
    v1::EncryptionSettings* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::EnableCustomerManagedKeyRequest& asked) {
        return settings_.Enable(call, asked);
      });
}

grpc::ServerUnaryReactor* SettingsServiceAdapter::RevertToPlatformManaged(
    grpc::CallbackServerContext* context, const v1::RevertToPlatformManagedRequest* request,
    v1::EncryptionSettings* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::RevertToPlatformManagedRequest& asked) {
        return settings_.Revert(call, asked);
      });
}

grpc::ServerUnaryReactor* SettingsServiceAdapter::RevalidateAccess(
    grpc::CallbackServerContext* context, const v1::RevalidateAccessRequest* request,
    v1::EncryptionSettings* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::RevalidateAccessRequest& asked) {
        return settings_.Revalidate(call, asked);
      });
}

grpc::ServerUnaryReactor* SettingsServiceAdapter::PreviewRevocation(
    grpc::CallbackServerContext* context, const v1::PreviewRevocationRequest* request,
    v1::PreviewRevocationResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const server::CallContext& call, const v1::PreviewRevocationRequest& asked) {
        return preview_.Preview(call, asked);
      });
}

}  // namespace keyward::encryption
