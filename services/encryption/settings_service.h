#ifndef KEYWARD_SERVICES_ENCRYPTION_SETTINGS_SERVICE_H_
#define KEYWARD_SERVICES_ENCRYPTION_SETTINGS_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/encryption/v1/settings.grpc.pb.h"
#include "services/encryption/revocation_preview.h"
#include "services/encryption/settings_handler.h"

namespace keyward::encryption {

// EncryptionSettingsService over gRPC. Thread-safe.
class SettingsServiceAdapter final : public v1::EncryptionSettingsService::CallbackService {
 public:
  // All must outlive this.
  SettingsServiceAdapter(server::Dispatcher& dispatcher, SettingsHandler& settings,
                         RevocationPreview& preview)
      : dispatcher_(dispatcher), settings_(settings), preview_(preview) {}

  grpc::ServerUnaryReactor* GetEncryptionSettings(grpc::CallbackServerContext* context,
                                                  const v1::GetEncryptionSettingsRequest* request,
                                                  v1::EncryptionSettings* response) override;
  grpc::ServerUnaryReactor* ValidateCustomerManagedKey(
      grpc::CallbackServerContext* context, const v1::ValidateCustomerManagedKeyRequest* request,
      v1::ValidateCustomerManagedKeyResponse* response) override;
  grpc::ServerUnaryReactor* EnableCustomerManagedKey(
      grpc::CallbackServerContext* context, const v1::EnableCustomerManagedKeyRequest* request,
      v1::EncryptionSettings* response) override;
  grpc::ServerUnaryReactor* RevertToPlatformManaged(
      grpc::CallbackServerContext* context, const v1::RevertToPlatformManagedRequest* request,
      v1::EncryptionSettings* response) override;
  grpc::ServerUnaryReactor* RevalidateAccess(grpc::CallbackServerContext* context,
                                             const v1::RevalidateAccessRequest* request,
                                             v1::EncryptionSettings* response) override;
  grpc::ServerUnaryReactor* PreviewRevocation(grpc::CallbackServerContext* context,
                                              const v1::PreviewRevocationRequest* request,
                                              v1::PreviewRevocationResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  SettingsHandler& settings_;
  RevocationPreview& preview_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_SETTINGS_SERVICE_H_
