#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKUP_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKUP_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// What is known of backups in the database. It outlives keys and vaults, and so tells keys apart by
// a vault's id and the key's uid (backup.h), which no other key ever has. Lives within one
// transaction; errors are the transaction's.
class BackupStore {
 public:
  explicit BackupStore(storage::Transaction& tx) : tx_(tx) {}

  // How often the backups of a key were revoked; nothing if it was never backed up, nor revoked.
  absl::StatusOr<std::optional<int64_t>> FindEpoch(const VaultName& vault, const std::string& uid);
  // Remembers that there are backups of it; returns how often those of before were revoked.
  absl::StatusOr<int64_t> NoteBackup(const VaultName& vault, const std::string& uid);
  // Revokes the backups of before.
  absl::Status Revoke(const VaultName& vault, const std::string& uid);

  // The uid of a key; nothing if the key does not exist.
  absl::StatusOr<std::optional<std::string>> FindUid(const KeyName& key);
  // The private keys of all versions of a key as they are stored, by the version's id.
  absl::StatusOr<std::map<std::string, std::string>> SealedPrivateKeys(const KeyName& key);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKUP_STORE_H_
