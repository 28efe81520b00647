#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKUP_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKUP_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/backup.grpc.pb.h"
#include "services/key_vault/backups_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of BackupService. Thread-safe.
class BackupService final : public keyvault::v1::BackupService::CallbackService {
 public:
  BackupService(server::Dispatcher& dispatcher, BackupsHandler& backups)
      : dispatcher_(dispatcher), backups_(backups) {}

  grpc::ServerUnaryReactor* BackupKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::BackupKeyRequest* request,
                                      keyvault::v1::BackupKeyResponse* response) override;
  grpc::ServerUnaryReactor* RestoreKey(grpc::CallbackServerContext* context,
                                       const keyvault::v1::RestoreKeyRequest* request,
                                       keyvault::v1::Key* response) override;
  grpc::ServerUnaryReactor* RevokeKeyBackups(
      grpc::CallbackServerContext* context, const keyvault::v1::RevokeKeyBackupsRequest* request,
      keyvault::v1::RevokeKeyBackupsResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  BackupsHandler& backups_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKUP_SERVICE_H_
