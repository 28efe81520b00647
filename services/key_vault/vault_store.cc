#include "services/key_vault/vault_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/encoding/tags_text.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"
#include "services/key_vault/stored_time.h"

namespace keyward::key_vault {
namespace {

// The columns that FromRow reads, in its order. A macro, since texts of SQL are put together at
// compile time.
#define KW_VAULT_COLUMNS                                                                       \
  "vault_id, subscription, tenant, region, retention_days, purge_protection, tags, revision, " \
  "create_time, update_time, delete_time, purge_time, sku, purging"

absl::StatusOr<Vault> FromRow(const storage::Row& row) {
  KW_ASSIGN_OR_RETURN(VaultName name, VaultName::FromId(row.GetString(0)));
  KW_ASSIGN_OR_RETURN(Tags tags, TagsFromText(row.GetString(6)));
  return Vault{
      .name = std::move(name),
      .subscription = row.GetString(1),
      .tenant = row.GetString(2),
      .region = row.GetString(3),
      .retention_days = static_cast<int>(row.GetInt64(4)),
      .purge_protection = row.GetBool(5),
      .sku = static_cast<keyvault::v1::Sku>(row.GetInt64(12)),
      .tags = std::move(tags),
      .revision = row.GetInt64(7),
      .create_time = row.GetTime(8),
      .update_time = row.GetTime(9),
      .delete_time = StoredTime(row, 10),
      .purge_time = StoredTime(row, 11),
      .purging = row.GetBool(13),
  };
}

absl::StatusOr<std::vector<Vault>> FromRows(const std::vector<storage::Row>& rows) {
  std::vector<Vault> vaults;
  vaults.reserve(rows.size());
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(Vault vault, FromRow(row));
    vaults.push_back(std::move(vault));
  }
  return vaults;
}

absl::StatusOr<std::optional<Vault>> FromOptionalRow(const std::optional<storage::Row>& row) {
  if (!row.has_value()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(Vault vault, FromRow(*row));
  return vault;
}

}  // namespace

absl::Status VaultStore::Insert(const Vault& vault) {
  return tx_
      .Execute(
          "INSERT INTO vaults (vault_id, folded_id, subscription, tenant, region, retention_days, "
          "purge_protection, tags, revision, create_time, update_time, delete_time, purge_time, "
          "sku) "
          "VALUES (:vault_id, :folded_id, :subscription, :tenant, :region, :retention_days, "
          ":purge_protection, :tags, :revision, :create_time, :update_time, :delete_time, "
          ":purge_time, :sku)",
          {{"vault_id", vault.name.id()},
           {"folded_id", vault.name.folded()},
           {"subscription", vault.subscription},
           {"tenant", vault.tenant},
           {"region", vault.region},
           {"retention_days", vault.retention_days},
           {"purge_protection", vault.purge_protection},
           {"tags", TagsToText(vault.tags)},
           {"revision", vault.revision},
           {"create_time", vault.create_time},
           {"update_time", vault.update_time},
           {"delete_time", vault.delete_time},
           {"purge_time", vault.purge_time},
           {"sku", static_cast<int64_t>(vault.sku)}})
      .status();
}

absl::Status VaultStore::Update(const Vault& vault) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE vaults SET purge_protection = :purge_protection, tags = :tags, "
                  "revision = :revision, update_time = :update_time, delete_time = :delete_time, "
                  "purge_time = :purge_time, purging = :purging WHERE vault_id = :vault_id",
                  {{"vault_id", vault.name.id()},
                   {"purge_protection", vault.purge_protection},
                   {"tags", TagsToText(vault.tags)},
                   {"revision", vault.revision},
                   {"update_time", vault.update_time},
                   {"delete_time", vault.delete_time},
                   {"purge_time", vault.purge_time},
                   {"purging", vault.purging}}));
  if (rows == 1) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(vault.name.ToString(), " is gone"));
}

absl::Status VaultStore::Purge(const VaultName& name) {
  for (const char* sql : {"DELETE FROM key_usages WHERE vault_id = :vault_id",
                          "DELETE FROM key_versions WHERE vault_id = :vault_id",
                          "DELETE FROM keys WHERE vault_id = :vault_id",
                          "DELETE FROM access_policy_entries WHERE vault_id = :vault_id",
                          "DELETE FROM vaults WHERE vault_id = :vault_id"}) {
    KW_RETURN_IF_ERROR(tx_.Execute(sql, {{"vault_id", name.id()}}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> VaultStore::RemoveSome(const VaultName& name, int limit) {
  // What refers to other rows goes before them.
  for (const char* sql :
       {"DELETE FROM key_usages WHERE vault_id = :vault_id AND (key_id, version_id, user_name, "
        "service) IN (SELECT key_id, version_id, user_name, service FROM key_usages WHERE vault_id "
        "= :vault_id LIMIT :limit)",
        "DELETE FROM key_versions WHERE vault_id = :vault_id AND (key_id, version_id) IN (SELECT "
        "key_id, version_id FROM key_versions WHERE vault_id = :vault_id LIMIT :limit)",
        "DELETE FROM keys WHERE vault_id = :vault_id AND key_id IN (SELECT key_id FROM keys WHERE "
        "vault_id = :vault_id LIMIT :limit)"}) {
    KW_ASSIGN_OR_RETURN(const int64_t removed,
                        tx_.Execute(sql, {{"vault_id", name.id()}, {"limit", limit}}));
    if (removed > 0) return false;
  }
  return true;
}

absl::StatusOr<std::optional<Vault>> VaultStore::Find(const VaultName& name) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT " KW_VAULT_COLUMNS " FROM vaults WHERE vault_id = :vault_id",
                   {{"vault_id", name.id()}}));
  return FromOptionalRow(row);
}

absl::StatusOr<std::optional<Vault>> VaultStore::FindFolded(const VaultName& name) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT " KW_VAULT_COLUMNS " FROM vaults WHERE folded_id = :folded_id",
                   {{"folded_id", name.folded()}}));
  return FromOptionalRow(row);
}

absl::StatusOr<std::vector<Vault>> VaultStore::List(const std::string& after, int limit,
                                                    const VaultFilter& filter) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query("SELECT " KW_VAULT_COLUMNS
                " FROM vaults WHERE vault_id > :after AND (:subscription = '' OR subscription = "
                ":subscription) AND CASE WHEN delete_time IS NULL THEN CAST(:live AS BIGINT) ELSE "
                "CAST(:deleted AS BIGINT) END = 1 ORDER BY vault_id LIMIT :limit",
                {{"after", after},
                 {"subscription", filter.subscription},
                 {"live", filter.which.live},
                 {"deleted", filter.which.deleted},
                 {"limit", limit}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Vault>> VaultStore::ListDueForPurge(absl::Time now, int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx_.Query("SELECT " KW_VAULT_COLUMNS
                                " FROM vaults WHERE purge_time <= :now ORDER BY purge_time LIMIT "
                                ":limit",
                                {{"now", now}, {"limit", limit}}));
  return FromRows(rows);
}

absl::StatusOr<AccessPolicy> VaultStore::FindPolicy(const VaultName& name) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx_.Query("SELECT principal, permissions FROM access_policy_entries "
                                "WHERE vault_id = :vault_id",
                                {{"vault_id", name.id()}}));
  AccessPolicy::Entries entries;
  for (const storage::Row& row : rows) {
    entries[row.GetString(0)] = KeyPermissions::FromBits(row.GetInt64(1));
  }
  return AccessPolicy(std::move(entries));
}

absl::Status VaultStore::SetPolicyEntries(const VaultName& name,
                                          const AccessPolicy::Entries& entries) {
  for (const auto& [principal, permissions] : entries) {
    if (permissions.empty()) {
      KW_RETURN_IF_ERROR(tx_.Execute("DELETE FROM access_policy_entries WHERE vault_id = :vault_id "
                                     "AND principal = :principal",
                                     {{"vault_id", name.id()}, {"principal", principal}})
                             .status());
      continue;
    }
    KW_RETURN_IF_ERROR(
        tx_.Execute("INSERT INTO access_policy_entries (vault_id, principal, permissions) VALUES "
                    "(:vault_id, :principal, :permissions) ON CONFLICT (vault_id, principal) DO "
                    "UPDATE SET permissions = excluded.permissions",
                    {{"vault_id", name.id()},
                     {"principal", principal},
                     {"permissions", permissions.bits()}})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
