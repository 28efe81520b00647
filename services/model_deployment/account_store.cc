#include "services/model_deployment/account_store.h"

#include "common/status/status_macros.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

Account FromRow(const storage::Row& row) {
  Account account;
  account.name = row.GetString(0);
  account.subscription = row.GetString(1);
  account.tenant = row.GetString(2);
  account.region = row.GetString(3);
  account.key_source = static_cast<encryption::v1::KeySource>(row.GetInt64(4));
  account.verdict = static_cast<encryption::v1::Verdict>(row.GetInt64(5));
  account.denial.cause = static_cast<encryption::v1::Cause>(row.GetInt64(6));
  account.denial.since = row.GetTime(7);
  account.denial.event = row.GetString(8);
  account.message = row.GetString(9);
  account.epoch = row.GetInt64(10);
  return account;
}

std::vector<storage::Parameter> ToParameters(const Account& account) {
  return {{"name", account.name},
          {"subscription", account.subscription},
          {"tenant", account.tenant},
          {"region", account.region},
          {"key_source", static_cast<int64_t>(account.key_source)},
          {"verdict", static_cast<int64_t>(account.verdict)},
          {"cause", static_cast<int64_t>(account.denial.cause)},
          {"since", account.denial.since},
          {"event", account.denial.event},
          {"message", account.message},
          {"epoch", account.epoch}};
}

}  // namespace

absl::StatusOr<std::optional<Account>> FindAccount(storage::Transaction& tx,
                                                   absl::string_view name) {
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> row,
                      tx.QueryOne("SELECT name, subscription, tenant, region, key_source, verdict, "
                                  "cause, since, event, message, epoch FROM accounts "
                                  "WHERE name = :name",
                                  {{"name", std::string(name)}}));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*row);
}

absl::StatusOr<std::vector<Account>> AllAccounts(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(std::vector<storage::Row> rows,
                      tx.Query("SELECT name, subscription, tenant, region, key_source, verdict, "
                               "cause, since, event, message, epoch FROM accounts"));
  std::vector<Account> accounts;
  for (const storage::Row& row : rows) accounts.push_back(FromRow(row));
  return accounts;
}

absl::Status PutAccount(storage::Transaction& tx, const Account& account) {
  return tx
      .Execute(
          "INSERT INTO accounts (name, subscription, tenant, region, key_source, verdict, cause, "
          "since, event, message, epoch) VALUES (:name, :subscription, :tenant, :region, "
          ":key_source, :verdict, :cause, :since, :event, :message, :epoch) "
          "ON CONFLICT (name) DO UPDATE SET subscription = :subscription, tenant = :tenant, "
          "region = :region, key_source = :key_source, verdict = :verdict, cause = :cause, "
          "since = :since, event = :event, message = :message, epoch = :epoch",
          ToParameters(account))
      .status();
}

absl::StatusOr<bool> AddAccount(storage::Transaction& tx, const Account& account) {
  KW_ASSIGN_OR_RETURN(
      int64_t added,
      tx.Execute("INSERT INTO accounts (name, subscription, tenant, region, key_source, verdict, "
                 "cause, since, event, message, epoch) VALUES (:name, :subscription, :tenant, "
                 ":region, :key_source, :verdict, :cause, :since, :event, :message, :epoch) "
                 "ON CONFLICT (name) DO NOTHING",
                 ToParameters(account)));
  return added == 1;
}

encryption::v1::Access ToAccess(const Account& account) {
  encryption::v1::Access access;
  access.set_verdict(account.verdict);
  access.set_cause(account.denial.cause);
  *access.mutable_since() = ToProto(account.denial.since);
  access.set_event(account.denial.event);
  access.set_message(account.message);
  access.set_epoch(account.epoch);
  return access;
}

}  // namespace keyward::model_deployment
