#include "services/key_vault/key_access.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/value.h"
#include "services/key_vault/stored_time.h"

namespace keyward::key_vault {
absl::StatusOr<std::optional<KeyAccess>> FindKeyAccess(storage::Transaction& tx,
                                                       const KeyReference& key) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne(
          "SELECT u.delete_time, k.key_type, k.delete_time, v.version_id, v.enabled, v.key_ops, "
          "v.not_before, v.expire_time FROM vaults u "
          "LEFT JOIN keys k ON k.vault_id = u.vault_id AND k.key_id = :key_id "
          "LEFT JOIN key_versions v ON v.vault_id = k.vault_id AND v.key_id = k.key_id AND "
          "v.version_id = CASE WHEN :version_id = '' THEN k.newest_version ELSE :version_id END "
          "WHERE u.vault_id = :vault_id",
          {{"vault_id", key.key.vault().id()},
           {"key_id", key.key.id()},
           {"version_id", key.version}}));
  if (!row.has_value()) return std::nullopt;
  KeyAccess access;
  access.key_found = !row->IsNull(1);
  access.key_type = static_cast<keyvault::v1::KeyType>(row->GetInt64(1));
  if (row->IsNull(3)) return access;
  KW_ASSIGN_OR_RETURN(access.version, KeyVersionName::FromId(key.key, row->GetString(3)));
  access.state = KeyState{
      .vault_deleted = !row->IsNull(0),
      .key_deleted = !row->IsNull(2),
      .enabled = row->GetBool(4),
      .operations = KeyOperations::FromBits(row->GetInt64(5)),
      .not_before = StoredTime(*row, 6),
      .expire_time = StoredTime(*row, 7),
  };
  return access;
}

absl::StatusOr<std::optional<VaultAccess>> FindVaultAccess(storage::Transaction& tx,
                                                           const VaultName& vault,
                                                           const std::string& principal) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("SELECT u.tenant, p.permissions FROM vaults u LEFT JOIN access_policy_entries p "
                  "ON p.vault_id = u.vault_id AND p.principal = :principal "
                  "WHERE u.vault_id = :vault_id",
                  {{"vault_id", vault.id()}, {"principal", principal}}));
  if (!row.has_value()) return std::nullopt;
  return VaultAccess{row->GetString(0), KeyPermissions::FromBits(row->GetInt64(1))};
}

absl::StatusOr<std::optional<std::string>> FindSealedPrivateKey(storage::Transaction& tx,
                                                                const KeyVersionName& version) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("SELECT sealed_private_key FROM key_versions WHERE vault_id = :vault_id AND "
                  "key_id = :key_id AND version_id = :version_id",
                  {{"vault_id", version.vault().id()},
                   {"key_id", version.key().id()},
                   {"version_id", version.id()}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetBlob(0);
}

}  // namespace keyward::key_vault
