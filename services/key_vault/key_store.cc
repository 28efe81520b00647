#include "services/key_vault/key_store.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/encoding/tags_text.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"
#include "services/key_vault/hsm_key_store.h"
#include "services/key_vault/stored_time.h"

namespace keyward::key_vault {
namespace {

// The columns that KeyFromRow and VersionFromRow read, in their order. Macros, since texts of SQL
// are put together at compile time.
#define KW_KEY_COLUMNS                                                                 \
  "k.vault_id, k.key_id, k.key_type, k.newest_version, k.create_time, k.update_time, " \
  "k.delete_time, k.purge_time"
#define KW_VERSION_COLUMNS                                                                  \
  "v.version_id, v.number, v.enabled, v.key_ops, v.not_before, v.expire_time, v.revision, " \
  "v.create_time, v.update_time, v.tags, v.public_key_pem, v.in_hsm, "                      \
  "v.public_only"

constexpr int kKeyColumns = 8;

absl::StatusOr<Key> KeyFromRow(const storage::Row& row) {
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(row.GetString(0)));
  KW_ASSIGN_OR_RETURN(KeyName name, KeyName::FromId(std::move(vault), row.GetString(1)));
  return Key{
      .name = std::move(name),
      .type = static_cast<keyvault::v1::KeyType>(row.GetInt64(2)),
      .newest_version = row.GetString(3),
      .create_time = row.GetTime(4),
      .update_time = row.GetTime(5),
      .delete_time = StoredTime(row, 6),
      .purge_time = StoredTime(row, 7),
  };
}

// The columns of the version start at `first`.
absl::StatusOr<KeyVersion> VersionFromRow(const KeyName& key, const storage::Row& row, int first) {
  KW_ASSIGN_OR_RETURN(KeyVersionName name, KeyVersionName::FromId(key, row.GetString(first)));
  KW_ASSIGN_OR_RETURN(Tags tags, TagsFromText(row.GetString(first + 9)));
  return KeyVersion{
      .name = std::move(name),
      .number = row.GetInt64(first + 1),
      .enabled = row.GetBool(first + 2),
      .operations = KeyOperations::FromBits(row.GetInt64(first + 3)),
      .not_before = StoredTime(row, first + 4),
      .expire_time = StoredTime(row, first + 5),
      .tags = std::move(tags),
      .public_key_pem = row.GetString(first + 10),
      .public_only = row.GetBool(first + 12),
      .in_hsm = row.GetBool(first + 11),
      .revision = row.GetInt64(first + 6),
      .create_time = row.GetTime(first + 7),
      .update_time = row.GetTime(first + 8),
  };
}

absl::StatusOr<std::optional<Key>> FromOptionalRow(const std::optional<storage::Row>& row) {
  if (!row.has_value()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(Key key, KeyFromRow(*row));
  return key;
}

}  // namespace

absl::Status KeyStore::Insert(const Key& key) {
  return tx_
      .Execute(
          "INSERT INTO keys (vault_id, key_id, folded_id, key_type, newest_version, create_time, "
          "update_time, delete_time, purge_time) VALUES (:vault_id, :key_id, :folded_id, "
          ":key_type, "
          ":newest_version, :create_time, :update_time, :delete_time, :purge_time)",
          {{"vault_id", key.name.vault().id()},
           {"key_id", key.name.id()},
           {"folded_id", key.name.folded()},
           {"key_type", static_cast<int64_t>(key.type)},
           {"newest_version", key.newest_version},
           {"create_time", key.create_time},
           {"update_time", key.update_time},
           {"delete_time", key.delete_time},
           {"purge_time", key.purge_time}})
      .status();
}

absl::Status KeyStore::Update(const Key& key) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE keys SET newest_version = :newest_version, update_time = :update_time, "
                  "delete_time = :delete_time, purge_time = :purge_time "
                  "WHERE vault_id = :vault_id AND key_id = :key_id",
                  {{"vault_id", key.name.vault().id()},
                   {"key_id", key.name.id()},
                   {"newest_version", key.newest_version},
                   {"update_time", key.update_time},
                   {"delete_time", key.delete_time},
                   {"purge_time", key.purge_time}}));
  if (rows == 1) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(key.name.ToString(), " is gone"));
}

absl::Status KeyStore::Purge(const KeyName& name) {
  for (const char* sql :
       {"DELETE FROM key_usages WHERE vault_id = :vault_id AND key_id = :key_id",
        "DELETE FROM key_versions WHERE vault_id = :vault_id AND key_id = :key_id",
        "DELETE FROM keys WHERE vault_id = :vault_id AND key_id = :key_id"}) {
    KW_RETURN_IF_ERROR(
        tx_.Execute(sql, {{"vault_id", name.vault().id()}, {"key_id", name.id()}}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Key>> KeyStore::Find(const KeyName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx_.QueryOne("SELECT " KW_KEY_COLUMNS
                                   " FROM keys k WHERE k.vault_id = :vault_id AND k.key_id = "
                                   ":key_id",
                                   {{"vault_id", name.vault().id()}, {"key_id", name.id()}}));
  return FromOptionalRow(row);
}

absl::StatusOr<std::optional<Key>> KeyStore::FindFolded(const KeyName& name) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT " KW_KEY_COLUMNS
                   " FROM keys k WHERE k.vault_id = :vault_id AND k.folded_id = "
                   ":folded_id",
                   {{"vault_id", name.vault().id()}, {"folded_id", name.folded()}}));
  return FromOptionalRow(row);
}

absl::StatusOr<std::vector<std::pair<Key, KeyVersion>>> KeyStore::List(const VaultName& vault,
                                                                       const std::string& after,
                                                                       int limit, Shown which) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query(
          "SELECT " KW_KEY_COLUMNS ", " KW_VERSION_COLUMNS
          " FROM keys k JOIN key_versions v ON v.vault_id = k.vault_id AND v.key_id = "
          "k.key_id AND v.version_id = k.newest_version WHERE k.vault_id = :vault_id AND "
          "k.key_id > :after AND CASE WHEN k.delete_time IS NULL THEN CAST(:live AS BIGINT) ELSE "
          "CAST(:deleted AS BIGINT) END = 1 "
          "ORDER BY k.key_id LIMIT :limit",
          {{"vault_id", vault.id()},
           {"after", after},
           {"live", which.live},
           {"deleted", which.deleted},
           {"limit", limit}}));
  std::vector<std::pair<Key, KeyVersion>> keys;
  keys.reserve(rows.size());
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(Key key, KeyFromRow(row));
    KW_ASSIGN_OR_RETURN(KeyVersion newest, VersionFromRow(key.name, row, kKeyColumns));
    keys.emplace_back(std::move(key), std::move(newest));
  }
  return keys;
}

absl::StatusOr<std::vector<Key>> KeyStore::ListDueForPurge(absl::Time now, int limit) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query("SELECT " KW_KEY_COLUMNS
                " FROM keys k WHERE k.purge_time <= :now ORDER BY k.purge_time LIMIT :limit",
                {{"now", now}, {"limit", limit}}));
  std::vector<Key> keys;
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(Key key, KeyFromRow(row));
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::Status KeyStore::InsertVersion(const KeyVersion& version,
                                     const std::string& sealed_private_key) {
  if (version.in_hsm) KW_RETURN_IF_ERROR(HsmKeyStore(tx_).MarkUsed(version.name));
  return tx_
      .Execute(
          "INSERT INTO key_versions (vault_id, key_id, version_id, number, enabled, key_ops, "
          "not_before, expire_time, revision, create_time, update_time, tags, public_key_pem, "
          "in_hsm, public_only, sealed_private_key) VALUES (:vault_id, :key_id, :version_id, "
          ":number, :enabled, "
          ":key_ops, "
          ":not_before, :expire_time, :revision, :create_time, :update_time, :tags, "
          ":public_key_pem, :in_hsm, :public_only, :sealed_private_key)",
          {{"vault_id", version.name.vault().id()},
           {"key_id", version.name.key().id()},
           {"version_id", version.name.id()},
           {"number", version.number},
           {"enabled", version.enabled},
           {"key_ops", version.operations.bits()},
           {"not_before", version.not_before},
           {"expire_time", version.expire_time},
           {"revision", version.revision},
           {"create_time", version.create_time},
           {"update_time", version.update_time},
           {"tags", TagsToText(version.tags)},
           {"public_key_pem", version.public_key_pem},
           {"public_only", version.public_only},
           {"in_hsm", version.in_hsm},
           {"sealed_private_key", storage::Blob(sealed_private_key)}})
      .status();
}

absl::Status KeyStore::UpdateVersion(const KeyVersion& version) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE key_versions SET enabled = :enabled, key_ops = :key_ops, not_before = "
                  ":not_before, expire_time = :expire_time, revision = :revision, update_time = "
                  ":update_time, tags = :tags WHERE vault_id = :vault_id AND key_id = :key_id AND "
                  "version_id = :version_id",
                  {{"vault_id", version.name.vault().id()},
                   {"key_id", version.name.key().id()},
                   {"version_id", version.name.id()},
                   {"enabled", version.enabled},
                   {"key_ops", version.operations.bits()},
                   {"not_before", version.not_before},
                   {"expire_time", version.expire_time},
                   {"revision", version.revision},
                   {"update_time", version.update_time},
                   {"tags", TagsToText(version.tags)}}));
  if (rows == 1) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(version.name.ToString(), " is gone"));
}

absl::StatusOr<int64_t> KeyStore::SetEnabled(const KeyName& key, bool enabled, absl::Time now) {
  return tx_.Execute(
      "UPDATE key_versions SET enabled = :enabled, revision = revision + 1, update_time = :now "
      "WHERE vault_id = :vault_id AND key_id = :key_id AND enabled <> :enabled",
      {{"vault_id", key.vault().id()}, {"key_id", key.id()}, {"enabled", enabled}, {"now", now}});
}

absl::StatusOr<std::optional<KeyVersion>> KeyStore::FindVersion(const KeyVersionName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx_.QueryOne("SELECT " KW_VERSION_COLUMNS
                                   " FROM key_versions v WHERE v.vault_id = :vault_id AND v.key_id "
                                   "= :key_id AND v.version_id = :version_id",
                                   {{"vault_id", name.vault().id()},
                                    {"key_id", name.key().id()},
                                    {"version_id", name.id()}}));
  if (!row.has_value()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(KeyVersion version, VersionFromRow(name.key(), *row, 0));
  return version;
}

absl::StatusOr<std::vector<KeyVersion>> KeyStore::ListVersions(const KeyName& key, int64_t before,
                                                               int limit) {
  if (before == 0) before = std::numeric_limits<int64_t>::max();
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query("SELECT " KW_VERSION_COLUMNS
                " FROM key_versions v WHERE v.vault_id = :vault_id AND v.key_id = "
                ":key_id AND v.number < :before ORDER BY v.number DESC LIMIT :limit",
                {{"vault_id", key.vault().id()},
                 {"key_id", key.id()},
                 {"before", before},
                 {"limit", limit}}));
  std::vector<KeyVersion> versions;
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(KeyVersion version, VersionFromRow(key, row, 0));
    versions.push_back(std::move(version));
  }
  return versions;
}

}  // namespace keyward::key_vault
