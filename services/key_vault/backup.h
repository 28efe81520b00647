#ifndef KEYWARD_SERVICES_KEY_VAULT_BACKUP_H_
#define KEYWARD_SERVICES_KEY_VAULT_BACKUP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "keyward/keyvault/v1/backup_format.pb.h"
#include "services/key_vault/key.h"
#include "services/key_vault/names.h"
#include "services/key_vault/rotation_policy.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// A version with its private key as the store has it.
struct StoredVersion {
  KeyVersion version;
  std::string sealed_private_key;
};

// All there is of a key. A value.
struct WholeKey {
  Key key;
  // Oldest first; at least one.
  std::vector<StoredVersion> versions;
  RotationPolicy policy;

  // Identifies the key for ever, also when its name is another's: the id of its first version.
  const std::string& uid() const { return versions.front().version.name.id(); }
};

// The content of a backup that is made while the key's backups had been revoked `epoch` times.
keyvault::v1::KeyBackup ToBackup(const Vault& vault, const WholeKey& whole, int64_t epoch);

// The key that a backup holds, under the name `name`, its private keys still sealed for the old
// one. DATA_LOSS if it is not what ToBackup made.
absl::StatusOr<WholeKey> FromBackup(const keyvault::v1::KeyBackup& backup, const KeyName& name);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_BACKUP_H_
