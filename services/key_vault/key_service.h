#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "services/key_vault/import_handler.h"
#include "services/key_vault/inspection_handler.h"
#include "services/key_vault/key_versions_handler.h"
#include "services/key_vault/keys_handler.h"
#include "services/key_vault/purge_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of KeyService. Thread-safe.
class KeyService final : public keyvault::v1::KeyService::CallbackService {
 public:
  KeyService(server::Dispatcher& dispatcher, KeysHandler& keys, ImportHandler& imports,
             KeyVersionsHandler& versions, InspectionHandler& inspection, PurgeHandler& purge)
      : dispatcher_(dispatcher),
        keys_(keys),
        imports_(imports),
        versions_(versions),
        inspection_(inspection),
        purge_(purge) {}

  grpc::ServerUnaryReactor* CreateKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::CreateKeyRequest* request,
                                      keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* ImportKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::ImportKeyRequest* request,
                                      keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* GetKey(grpc::CallbackServerContext* context,
                                   const keyvault::v1::GetKeyRequest* request,
                                   keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* ListKeys(grpc::CallbackServerContext* context,
                                     const keyvault::v1::ListKeysRequest* request,
                                     keyvault::v1::ListKeysResponse* response) override;
  grpc::ServerUnaryReactor* GetKeyVersion(grpc::CallbackServerContext* context,
                                          const keyvault::v1::GetKeyVersionRequest* request,
                                          keyvault::v1::KeyVersion* response) override;
  grpc::ServerUnaryReactor* ListKeyVersions(
      grpc::CallbackServerContext* context, const keyvault::v1::ListKeyVersionsRequest* request,
      keyvault::v1::ListKeyVersionsResponse* response) override;
  grpc::ServerUnaryReactor* RotateKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::RotateKeyRequest* request,
                                      keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* UpdateKeyVersion(
      grpc::CallbackServerContext* context, const keyvault::v1::UpdateKeyVersionRequest* request,
      keyvault::v1::UpdateKeyVersionResponse* response) override;
  grpc::ServerUnaryReactor* DisableKey(grpc::CallbackServerContext* context,
                                       const keyvault::v1::DisableKeyRequest* request,
                                       keyvault::v1::DisableKeyResponse* response) override;
  grpc::ServerUnaryReactor* EnableKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::EnableKeyRequest* request,
                                      keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* DeleteKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::DeleteKeyRequest* request,
                                      keyvault::v1::DeleteKeyResponse* response) override;
  grpc::ServerUnaryReactor* RecoverKey(grpc::CallbackServerContext* context,
                                       const keyvault::v1::RecoverKeyRequest* request,
                                       keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* PurgeKey(grpc::CallbackServerContext* context,
                                     const keyvault::v1::PurgeKeyRequest* request,
                                     keyvault::v1::PurgeKeyResponse* response) override;
  grpc::ServerUnaryReactor* InspectKey(grpc::CallbackServerContext* context,
                                       const keyvault::v1::InspectKeyRequest* request,
                                       keyvault::v1::InspectKeyResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  KeysHandler& keys_;
  ImportHandler& imports_;
  KeyVersionsHandler& versions_;
  InspectionHandler& inspection_;
  PurgeHandler& purge_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_SERVICE_H_
