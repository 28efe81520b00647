#include "services/encryption/work_store.h"

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {

using storage::Row;
using storage::Transaction;

absl::Status RequestWork(Transaction& tx, const AccountName& account, AccountWork::Kind kind,
                         const std::string& event, absl::Time due) {
  return tx
      .Execute(
          "INSERT INTO account_work (account, kind, event, attempts, due) "
          "VALUES (:account, :kind, :event, 0, :due) "
          "ON CONFLICT (account, kind) DO UPDATE SET event = :event, attempts = 0, due = :due",
          {{"account", account.id()},
           {"kind", static_cast<int64_t>(kind)},
           {"event", event},
           {"due", due}})
      .status();
}

absl::StatusOr<std::vector<AccountWork>> DueWork(Transaction& tx, absl::Time now, int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query("SELECT account, kind, event, attempts, due FROM account_work "
                               "WHERE due <= :now ORDER BY due, account LIMIT :limit",
                               {{"now", now}, {"limit", limit}}));
  std::vector<AccountWork> work;
  for (const Row& row : rows) {
    work.push_back({AccountName::FromTrustedId(row.GetString(0)),
                    static_cast<AccountWork::Kind>(row.GetInt64(1)), row.GetString(2),
                    row.GetInt64(3), row.GetTime(4)});
  }
  return work;
}

absl::StatusOr<std::optional<absl::Time>> NextDue(Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::optional<Row> row,
                      tx.QueryOne("SELECT due FROM account_work ORDER BY due LIMIT 1"));
  if (!row.has_value()) return std::nullopt;
  return row->GetTime(0);
}

absl::Status FinishWork(Transaction& tx, const AccountWork& work) {
  return tx
      .Execute(
          "DELETE FROM account_work WHERE account = :account AND kind = :kind "
          "AND attempts = :attempts AND due = :due AND event = :event",
          {{"account", work.account.id()},
           {"kind", static_cast<int64_t>(work.kind)},
           {"attempts", work.attempts},
           {"due", work.due},
           {"event", work.event}})
      .status();
}

absl::Status PostponeWork(Transaction& tx, const AccountWork& work, absl::Time due) {
  return tx
      .Execute(
          "UPDATE account_work SET attempts = attempts + 1, due = :next WHERE account = :account "
          "AND kind = :kind AND attempts = :attempts AND due = :due AND event = :event",
          {{"next", due},
           {"account", work.account.id()},
           {"kind", static_cast<int64_t>(work.kind)},
           {"attempts", work.attempts},
           {"due", work.due},
           {"event", work.event}})
      .status();
}

}  // namespace keyward::encryption
