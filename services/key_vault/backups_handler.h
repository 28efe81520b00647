#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKUPS_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKUPS_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/backup.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// The methods of BackupService, for callers that are authorised. Thread-safe.
class BackupsHandler {
 public:
  // As in Azure Key Vault.
  static constexpr int kMaxVersions = 500;

  BackupsHandler(storage::Database& database, Changes& changes, Publisher& publisher,
                 const crypto::RootKey& root_key, const KeyRing& key_ring)
      : database_(database),
        changes_(changes),
        publisher_(publisher),
        root_key_(root_key),
        key_ring_(key_ring) {}

  absl::StatusOr<keyvault::v1::BackupKeyResponse> Backup(
      const server::CallContext& call, const keyvault::v1::BackupKeyRequest& request);
  absl::StatusOr<keyvault::v1::Key> Restore(const server::CallContext& call,
                                            const keyvault::v1::RestoreKeyRequest& request);
  absl::StatusOr<keyvault::v1::RevokeKeyBackupsResponse> Revoke(
      const server::CallContext& call, const keyvault::v1::RevokeKeyBackupsRequest& request);

 private:
  storage::Database& database_;
  Changes& changes_;
  Publisher& publisher_;
  const crypto::RootKey& root_key_;
  const KeyRing& key_ring_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKUPS_HANDLER_H_
