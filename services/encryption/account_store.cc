#include "services/encryption/account_store.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/encoding/tags_text.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {
namespace {

using storage::Parameter;
using storage::Row;
using storage::Transaction;

#define KEYWARD_ACCOUNT_COLUMNS                                                            \
  "account, provisioning, subscription, tenant, resource_group, region, tier, "            \
  "upload_retention_grace, create_time, update_time, settings_time, vault, customer_key, " \
  "key_version, follows_newest, principal, principal_tenant, vault_sequence, "             \
  "identity_sequence, verdict, cause, since, event, epoch, check_time, check_status, "     \
  "key_number, platform_version, wrapped_key, scopes_revision, revision, identity, "       \
  "tags, delete_time, purge_time, purged"

constexpr char kInsert[] =
    "INSERT INTO accounts (" KEYWARD_ACCOUNT_COLUMNS
    ") VALUES (:account, :provisioning, :subscription, :tenant, :resource_group, :region, :tier, "
    ":upload_retention_grace, :create_time, :update_time, :settings_time, :vault, :customer_key, "
    ":key_version, :follows_newest, :principal, :principal_tenant, :vault_sequence, "
    ":identity_sequence, :verdict, :cause, :since, :event, :epoch, :check_time, :check_status, "
    ":key_number, :platform_version, :wrapped_key, :scopes_revision, :revision, :identity, :tags, "
    ":delete_time, :purge_time, :purged)";

constexpr char kUpdate[] =
    "UPDATE accounts SET provisioning = :provisioning, subscription = :subscription, "
    "tenant = :tenant, resource_group = :resource_group, region = :region, tier = :tier, "
    "upload_retention_grace = :upload_retention_grace, create_time = :create_time, "
    "update_time = :update_time, settings_time = :settings_time, vault = :vault, "
    "customer_key = :customer_key, key_version = :key_version, follows_newest = :follows_newest, "
    "principal = :principal, principal_tenant = :principal_tenant, "
    "vault_sequence = :vault_sequence, identity_sequence = :identity_sequence, "
    "verdict = :verdict, cause = :cause, since = :since, event = :event, epoch = :epoch, "
    "check_time = :check_time, check_status = :check_status, key_number = :key_number, "
    "platform_version = :platform_version, wrapped_key = :wrapped_key, "
    "scopes_revision = :scopes_revision, revision = :revision, identity = :identity, "
    "tags = :tags, delete_time = :delete_time, purge_time = :purge_time, purged = :purged "
    "WHERE account = :account AND revision = :revision - 1";

#define KEYWARD_SELECT_ACCOUNTS "SELECT " KEYWARD_ACCOUNT_COLUMNS " FROM accounts "

std::vector<Parameter> ParametersOf(const Account& account) {
  const Binding binding = account.binding.value_or(Binding());
  const Deletion deletion =
      account.deletion.value_or(Deletion{absl::UnixEpoch(), absl::UnixEpoch()});
  return {{"account", account.name.id()},
          {"provisioning", account.provisioning},
          {"subscription", account.subscription},
          {"tenant", account.tenant},
          {"resource_group", account.resource_group},
          {"region", account.region},
          {"tier", account.tier},
          {"upload_retention_grace", account.upload_retention_grace},
          {"create_time", account.create_time},
          {"update_time", account.update_time},
          {"settings_time", account.settings_time},
          {"vault", binding.vault},
          {"customer_key", binding.key},
          {"key_version", binding.version},
          {"follows_newest", binding.follows_newest},
          {"principal", binding.principal},
          {"principal_tenant", binding.tenant},
          {"vault_sequence", binding.vault_sequence},
          {"identity_sequence", binding.identity_sequence},
          {"verdict", static_cast<int64_t>(account.access.verdict)},
          {"cause", static_cast<int64_t>(account.access.cause)},
          {"since", account.access.since},
          {"event", account.access.event},
          {"epoch", account.access.epoch},
          {"check_time", account.check.time},
          {"check_status", account.check.status},
          {"key_number", account.key.number},
          {"platform_version", account.key.platform_version},
          {"wrapped_key", storage::Blob(account.key.ciphertext)},
          {"scopes_revision", account.scopes_revision},
          {"revision", account.revision},
          {"identity", binding.identity},
          {"tags", TagsToText(account.tags)},
          {"delete_time", deletion.time},
          {"purge_time", deletion.purge_time},
          {"purged", deletion.purged}};
}

// Reads the columns of a row one after the other.
class Columns {
 public:
  explicit Columns(const Row& row) : row_(row) {}

  std::string Text() { return row_.GetString(next_++); }
  int64_t Number() { return row_.GetInt64(next_++); }
  bool Truth() { return row_.GetBool(next_++); }
  absl::Time Moment() { return row_.GetTime(next_++); }
  absl::Duration Span() { return row_.GetDuration(next_++); }
  std::string Bytes() { return row_.GetBlob(next_++); }

 private:
  const Row& row_;
  int next_ = 0;
};

Account FromRow(const Row& row) {
  Columns columns(row);
  Account account(AccountName::FromTrustedId(columns.Text()));
  account.provisioning = columns.Truth();
  account.subscription = columns.Text();
  account.tenant = columns.Text();
  account.resource_group = columns.Text();
  account.region = columns.Text();
  account.tier = columns.Text();
  account.upload_retention_grace = columns.Span();
  account.create_time = columns.Moment();
  account.update_time = columns.Moment();
  account.settings_time = columns.Moment();
  Binding binding;
  binding.vault = columns.Text();
  binding.key = columns.Text();
  binding.version = columns.Text();
  binding.follows_newest = columns.Truth();
  binding.principal = columns.Text();
  binding.tenant = columns.Text();
  binding.vault_sequence = columns.Number();
  binding.identity_sequence = columns.Number();
  account.access.verdict = static_cast<v1::Verdict>(columns.Number());
  account.access.cause = static_cast<v1::Cause>(columns.Number());
  account.access.since = columns.Moment();
  account.access.event = columns.Text();
  account.access.epoch = columns.Number();
  account.check.time = columns.Moment();
  account.check.status = columns.Text();
  account.key.number = columns.Number();
  account.key.platform_version = columns.Number();
  account.key.ciphertext = columns.Bytes();
  account.scopes_revision = columns.Number();
  account.revision = columns.Number();
  binding.identity = columns.Text();
  // Tags that cannot be read must not keep an account from being opened, or revoked.
  account.tags = TagsFromText(columns.Text()).value_or(Tags());
  Deletion deletion = {columns.Moment(), columns.Moment(), columns.Truth()};
  if (deletion.time > absl::UnixEpoch()) account.deletion = deletion;
  if (!binding.vault.empty()) account.binding = std::move(binding);
  return account;
}

std::vector<Account> FromRows(const std::vector<Row>& rows) {
  std::vector<Account> accounts;
  accounts.reserve(rows.size());
  for (const Row& row : rows) accounts.push_back(FromRow(row));
  return accounts;
}

}  // namespace

absl::Status InsertAccount(Transaction& tx, const Account& account) {
  return tx.Execute(kInsert, absl::MakeConstSpan(ParametersOf(account))).status();
}

absl::Status UpdateAccount(Transaction& tx, Account& account) {
  ++account.revision;
  KW_ASSIGN_OR_RETURN(const int64_t updated,
                      tx.Execute(kUpdate, absl::MakeConstSpan(ParametersOf(account))));
  if (updated != 1) {
    return absl::InternalError(
        absl::StrCat(account.name.ToString(), " is not at the revision that was read"));
  }
  return absl::OkStatus();
}

absl::Status UpdateAccessCheck(Transaction& tx, const Account& account) {
  return tx
      .Execute(
          "UPDATE accounts SET check_time = :time, check_status = :status "
          "WHERE account = :account AND revision = :revision",
          {{"time", account.check.time},
           {"status", account.check.status},
           {"account", account.name.id()},
           {"revision", account.revision}})
      .status();
}

absl::Status DeleteAccount(Transaction& tx, const AccountName& name) {
  return tx.Execute("DELETE FROM accounts WHERE account = :account", {{"account", name.id()}})
      .status();
}

absl::StatusOr<std::optional<Account>> FindAccount(Transaction& tx, const AccountName& name) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<Row> row,
      tx.QueryOne(KEYWARD_SELECT_ACCOUNTS "WHERE account = :account", {{"account", name.id()}}));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*row);
}

absl::StatusOr<std::vector<Account>> AllAccounts(Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query(KEYWARD_SELECT_ACCOUNTS "ORDER BY account"));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> UnfinishedAccounts(Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE provisioning = 1 ORDER BY account"));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> ListAccounts(Transaction& tx, const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE account > :after AND provisioning = 0 "
                                       "AND delete_time = 0 ORDER BY account LIMIT :limit",
               {{"after", page.after}, {"limit", page.limit()}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> ListDeletedAccounts(Transaction& tx,
                                                         const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE account > :after AND delete_time > 0 "
                                       "AND purged = 0 ORDER BY account LIMIT :limit",
               {{"after", page.after}, {"limit", page.limit()}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> AccountsToPurge(Transaction& tx, absl::Time now, int limit) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE purged = 0 AND purge_time > 0 "
                                       "AND purge_time <= :now ORDER BY purge_time LIMIT :limit",
               {{"now", now}, {"limit", limit}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> AccountsOfVault(Transaction& tx, const std::string& vault) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE vault = :vault ORDER BY account",
                               {{"vault", vault}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> AccountsOfPrincipal(Transaction& tx,
                                                         const std::string& principal,
                                                         const std::string& resource,
                                                         const std::string& identity) {
  const std::string account(absl::StripPrefix(resource, "accounts/"));
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(KEYWARD_SELECT_ACCOUNTS
               "WHERE (principal = :principal OR account = :account OR identity = :identity) "
               "AND vault <> '' ORDER BY account",
               {{"principal", principal}, {"account", account}, {"identity", identity}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<Account>> AccountsOfSubscription(Transaction& tx,
                                                            const std::string& subscription) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(KEYWARD_SELECT_ACCOUNTS "WHERE subscription = :subscription ORDER BY account",
               {{"subscription", subscription}}));
  return FromRows(rows);
}

#undef KEYWARD_ACCOUNT_COLUMNS
#undef KEYWARD_SELECT_ACCOUNTS

}  // namespace keyward::encryption
