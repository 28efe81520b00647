#include "services/key_vault/lookup.h"

#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {

absl::StatusOr<Vault> FindVault(storage::Transaction& tx, const VaultName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Vault> vault, VaultStore(tx).Find(name));
  if (!vault.has_value()) return VaultNotFound(name);
  return *std::move(vault);
}

absl::StatusOr<Vault> FindLiveVault(storage::Transaction& tx, const VaultName& name) {
  KW_ASSIGN_OR_RETURN(Vault vault, FindVault(tx, name));
  if (vault.purging) return VaultBeingPurged(vault.name);
  if (vault.deleted()) return VaultDeleted(vault.name);
  return vault;
}

absl::StatusOr<KeyInVault> FindKey(storage::Transaction& tx, const KeyName& name) {
  KW_ASSIGN_OR_RETURN(Vault vault, FindLiveVault(tx, name.vault()));
  KeyStore keys(tx);
  KW_ASSIGN_OR_RETURN(std::optional<Key> key, keys.Find(name));
  if (!key.has_value()) return KeyNotFound(name);
  KW_ASSIGN_OR_RETURN(const KeyVersionName newest_name,
                      KeyVersionName::FromId(name, key->newest_version));
  KW_ASSIGN_OR_RETURN(KeyVersion newest, FindVersion(tx, newest_name));
  return KeyInVault{std::move(vault), *std::move(key), std::move(newest)};
}

absl::StatusOr<KeyInVault> FindLiveKey(storage::Transaction& tx, const KeyName& name) {
  KW_ASSIGN_OR_RETURN(KeyInVault found, FindKey(tx, name));
  if (found.key.deleted()) return KeyDeleted(name);
  return found;
}

absl::Status CheckNameIsFree(storage::Transaction& tx, const KeyName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<Key> existing, KeyStore(tx).FindFolded(name));
  if (!existing.has_value()) return absl::OkStatus();
  return existing->deleted() ? KeyDeletedButRecoverable(existing->name) : KeyExists(existing->name);
}

absl::StatusOr<KeyVersion> FindVersion(storage::Transaction& tx, const KeyVersionName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<KeyVersion> version, KeyStore(tx).FindVersion(name));
  if (!version.has_value()) return KeyVersionNotFound(name);
  return *std::move(version);
}

}  // namespace keyward::key_vault
