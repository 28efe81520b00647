#include "services/key_vault/backup_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* BackupService::BackupKey(grpc::CallbackServerContext* context,
                                                   const keyvault::v1::BackupKeyRequest* request,
                                                   keyvault::v1::BackupKeyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return backups_.Backup(call, request); });
}

grpc::ServerUnaryReactor* BackupService::RestoreKey(grpc::CallbackServerContext* context,
                                                    const keyvault::v1::RestoreKeyRequest* request,
                                                    keyvault::v1::Key* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return backups_.Restore(call, request); });
}

grpc::ServerUnaryReactor* BackupService::RevokeKeyBackups(
    grpc::CallbackServerContext* context, const keyvault::v1::RevokeKeyBackupsRequest* request,
    keyvault::v1::RevokeKeyBackupsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return backups_.Revoke(call, request); });
}

}  // namespace keyward::key_vault
