#include "services/key_vault/backup_store.h"

#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::key_vault {

absl::StatusOr<std::optional<int64_t>> BackupStore::FindEpoch(const VaultName& vault,
                                                              const std::string& uid) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx_.QueryOne("SELECT epoch FROM key_backups WHERE vault_id = :vault_id AND "
                                   "key_uid = :key_uid",
                                   {{"vault_id", vault.id()}, {"key_uid", uid}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetInt64(0);
}

absl::StatusOr<int64_t> BackupStore::NoteBackup(const VaultName& vault, const std::string& uid) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne(
          "INSERT INTO key_backups (vault_id, key_uid, epoch) VALUES (:vault_id, :key_uid, "
          "0) ON CONFLICT (vault_id, key_uid) DO UPDATE SET epoch = key_backups.epoch "
          "RETURNING epoch",
          {{"vault_id", vault.id()}, {"key_uid", uid}}));
  return row->GetInt64(0);
}

absl::Status BackupStore::Revoke(const VaultName& vault, const std::string& uid) {
  return tx_
      .Execute(
          "INSERT INTO key_backups (vault_id, key_uid, epoch) VALUES (:vault_id, :key_uid, 1) "
          "ON CONFLICT (vault_id, key_uid) DO UPDATE SET epoch = key_backups.epoch + 1",
          {{"vault_id", vault.id()}, {"key_uid", uid}})
      .status();
}

absl::StatusOr<std::optional<std::string>> BackupStore::FindUid(const KeyName& key) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx_.QueryOne("SELECT version_id FROM key_versions WHERE vault_id = :vault_id "
                                   "AND key_id = :key_id ORDER BY number LIMIT 1",
                                   {{"vault_id", key.vault().id()}, {"key_id", key.id()}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetString(0);
}

absl::StatusOr<std::map<std::string, std::string>> BackupStore::SealedPrivateKeys(
    const KeyName& key) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx_.Query("SELECT version_id, sealed_private_key FROM key_versions WHERE "
                                "vault_id = :vault_id AND key_id = :key_id",
                                {{"vault_id", key.vault().id()}, {"key_id", key.id()}}));
  std::map<std::string, std::string> sealed;
  for (const storage::Row& row : rows) sealed[row.GetString(0)] = row.GetBlob(1);
  return sealed;
}

}  // namespace keyward::key_vault
