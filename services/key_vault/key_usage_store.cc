#include "services/key_vault/key_usage_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::key_vault {
namespace {

// Macros, since texts of SQL are put together at compile time. The columns are those that FromRow
// reads; the scope is that of the parameters of the same names.
#define KW_USAGE_COLUMNS \
  "u.vault_id, u.key_id, u.version_id, u.user_name, u.service, u.description, u.create_time"
#define KW_USAGES_IN_SCOPE                                                                         \
  " FROM key_usages u JOIN key_versions v ON v.vault_id = u.vault_id AND v.key_id = u.key_id AND " \
  "v.version_id = u.version_id WHERE u.vault_id = :vault_id AND (:key_id = '' OR u.key_id = "      \
  ":key_id) AND (:version_id = '' OR u.version_id = :version_id) AND (v.enabled = 1 OR "           \
  "CAST(:enabled_only AS BIGINT) = 0)"

// Stands in no id, user or service.
constexpr char kSeparator = ' ';
constexpr size_t kSortColumns = 4;

absl::StatusOr<KeyUsage> FromRow(const storage::Row& row) {
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(row.GetString(0)));
  KW_ASSIGN_OR_RETURN(KeyName key, KeyName::FromId(std::move(vault), row.GetString(1)));
  KW_ASSIGN_OR_RETURN(KeyVersionName version,
                      KeyVersionName::FromId(std::move(key), row.GetString(2)));
  return KeyUsage{.version = std::move(version),
                  .user = row.GetString(3),
                  .service = row.GetString(4),
                  .description = row.GetString(5),
                  .create_time = row.GetTime(6)};
}

}  // namespace

std::string KeyUsageStore::SortKey(const KeyUsage& usage) {
  const std::string separator(1, kSeparator);
  return absl::StrCat(usage.version.key().id(), separator, usage.version.id(), separator,
                      usage.user, separator, usage.service);
}

absl::Status KeyUsageStore::Register(const KeyUsage& usage) {
  return tx_
      .Execute(
          "INSERT INTO key_usages (vault_id, key_id, version_id, user_name, service, description, "
          "create_time) VALUES (:vault_id, :key_id, :version_id, :user_name, :service, "
          ":description, :create_time) ON CONFLICT (vault_id, key_id, version_id, user_name, "
          "service) DO UPDATE SET description = excluded.description",
          {{"vault_id", usage.version.vault().id()},
           {"key_id", usage.version.key().id()},
           {"version_id", usage.version.id()},
           {"user_name", usage.user},
           {"service", usage.service},
           {"description", usage.description},
           {"create_time", usage.create_time}})
      .status();
}

absl::Status KeyUsageStore::Release(const KeyVersionName& version, const std::string& service,
                                    const std::string& user) {
  return tx_
      .Execute(
          "DELETE FROM key_usages WHERE vault_id = :vault_id AND key_id = :key_id AND version_id = "
          ":version_id AND user_name = :user_name AND service = :service",
          {{"vault_id", version.vault().id()},
           {"key_id", version.key().id()},
           {"version_id", version.id()},
           {"user_name", user},
           {"service", service}})
      .status();
}

absl::StatusOr<std::optional<KeyUsage>> KeyUsageStore::Find(const KeyVersionName& version,
                                                            const std::string& service,
                                                            const std::string& user) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT " KW_USAGE_COLUMNS
                   " FROM key_usages u WHERE u.vault_id = :vault_id AND u.key_id = :key_id AND "
                   "u.version_id = :version_id AND u.user_name = :user_name AND u.service = "
                   ":service",
                   {{"vault_id", version.vault().id()},
                    {"key_id", version.key().id()},
                    {"version_id", version.id()},
                    {"user_name", user},
                    {"service", service}}));
  if (!row.has_value()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(KeyUsage usage, FromRow(*row));
  return usage;
}

absl::StatusOr<std::vector<KeyUsage>> KeyUsageStore::List(const UsageScope& scope,
                                                          const std::string& after, int limit) {
  std::vector<std::string> from = absl::StrSplit(after, kSeparator);
  from.resize(kSortColumns);
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query("SELECT " KW_USAGE_COLUMNS KW_USAGES_IN_SCOPE
                " AND (u.key_id, u.version_id, u.user_name, u.service) > (:after_key, "
                ":after_version, :after_user, :after_service) ORDER BY u.key_id, u.version_id, "
                "u.user_name, u.service LIMIT :limit",
                {{"vault_id", scope.vault},
                 {"key_id", scope.key},
                 {"version_id", scope.version},
                 {"enabled_only", scope.enabled_only},
                 {"after_key", from[0]},
                 {"after_version", from[1]},
                 {"after_user", from[2]},
                 {"after_service", from[3]},
                 {"limit", limit}}));
  std::vector<KeyUsage> usages;
  usages.reserve(rows.size());
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(KeyUsage usage, FromRow(row));
    usages.push_back(std::move(usage));
  }
  return usages;
}

absl::StatusOr<int64_t> KeyUsageStore::Count(const UsageScope& scope) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne("SELECT COUNT(*)" KW_USAGES_IN_SCOPE, {{"vault_id", scope.vault},
                                                          {"key_id", scope.key},
                                                          {"version_id", scope.version},
                                                          {"enabled_only", scope.enabled_only}}));
  return row->GetInt64(0);
}

}  // namespace keyward::key_vault
