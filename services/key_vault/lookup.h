#ifndef KEYWARD_SERVICES_KEY_VAULT_LOOKUP_H_
#define KEYWARD_SERVICES_KEY_VAULT_LOOKUP_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/key_vault/key.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// Resources as handlers need them: what does not exist, or is deleted, is the error for the caller.

// VAULT_NOT_FOUND; a deleted vault is found.
absl::StatusOr<Vault> FindVault(storage::Transaction& tx, const VaultName& name);

// Also VAULT_DELETED, or VAULT_BEING_PURGED.
absl::StatusOr<Vault> FindLiveVault(storage::Transaction& tx, const VaultName& name);

// A key with its vault, which is not deleted, and its newest version.
struct KeyInVault {
  Vault vault;
  Key key;
  KeyVersion newest;
};

// VAULT_NOT_FOUND, VAULT_DELETED, KEY_NOT_FOUND; a deleted key is found.
absl::StatusOr<KeyInVault> FindKey(storage::Transaction& tx, const KeyName& name);

// Also KEY_DELETED.
absl::StatusOr<KeyInVault> FindLiveKey(storage::Transaction& tx, const KeyName& name);

// KEY_EXISTS or KEY_DELETED_BUT_RECOVERABLE if a key of the vault has the name, whatever the case.
absl::Status CheckNameIsFree(storage::Transaction& tx, const KeyName& name);

// KEY_VERSION_NOT_FOUND.
absl::StatusOr<KeyVersion> FindVersion(storage::Transaction& tx, const KeyVersionName& name);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_LOOKUP_H_
