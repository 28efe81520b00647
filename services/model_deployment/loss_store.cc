#include "services/model_deployment/loss_store.h"

#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {

Loss FromRow(const storage::Row& row) {
  Loss loss;
  loss.access_event = row.GetString(0);
  loss.account = row.GetString(1);
  loss.epoch = row.GetInt64(2);
  loss.cause = static_cast<encryption::v1::Cause>(row.GetInt64(3));
  loss.loss_event = row.GetString(4);
  loss.loss_time = row.GetTime(5);
  loss.gate_closed_time = row.GetTime(6);
  if (!row.IsNull(7)) loss.scope_destroyed_time = row.GetTime(7);
  loss.scope_confirmed = row.GetBool(8);
  loss.uploads_destroyed = row.GetInt64(9);
  loss.upload_bytes_destroyed = row.GetInt64(10);
  loss.state = static_cast<Loss::State>(row.GetInt64(11));
  return loss;
}

int64_t Number(Loss::State state) { return static_cast<int64_t>(state); }

}  // namespace

absl::StatusOr<bool> AddLoss(storage::Transaction& tx, const Loss& loss) {
  KW_ASSIGN_OR_RETURN(
      int64_t added,
      tx.Execute("INSERT INTO losses (access_event, account, epoch, cause, loss_event, loss_time, "
                 "gate_closed_time, scope_destroyed_time, scope_confirmed, uploads_destroyed, "
                 "upload_bytes_destroyed, state) VALUES (:access_event, :account, :epoch, :cause, "
                 ":loss_event, :loss_time, :gate_closed_time, :scope_destroyed_time, 0, 0, 0, "
                 ":state) ON CONFLICT (access_event) DO NOTHING",
                 {{"access_event", loss.access_event},
                  {"account", loss.account},
                  {"epoch", loss.epoch},
                  {"cause", static_cast<int64_t>(loss.cause)},
                  {"loss_event", loss.loss_event},
                  {"loss_time", loss.loss_time},
                  {"gate_closed_time", loss.gate_closed_time},
                  {"scope_destroyed_time", loss.scope_destroyed_time},
                  {"state", Number(loss.state)}}));
  return added == 1;
}

absl::StatusOr<std::optional<Loss>> FindLoss(storage::Transaction& tx,
                                             absl::string_view access_event) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT access_event, account, epoch, cause, loss_event, loss_time, "
                  "gate_closed_time, scope_destroyed_time, scope_confirmed, uploads_destroyed, "
                  "upload_bytes_destroyed, state FROM losses WHERE access_event = :access_event",
                  {{"access_event", std::string(access_event)}}));
  if (!row.has_value()) return std::nullopt;
  return FromRow(*row);
}

absl::StatusOr<std::vector<Loss>> UnfinishedLosses(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query("SELECT access_event, account, epoch, cause, loss_event, loss_time, "
               "gate_closed_time, scope_destroyed_time, scope_confirmed, uploads_destroyed, "
               "upload_bytes_destroyed, state FROM losses WHERE state IN (2, 3) "
               "ORDER BY loss_time, access_event"));
  std::vector<Loss> losses;
  for (const storage::Row& row : rows) losses.push_back(FromRow(row));
  return losses;
}

absl::Status ReleaseSealedLosses(storage::Transaction& tx, absl::string_view account, int64_t epoch,
                                 absl::Time scope_destroyed_time) {
  return tx
      .Execute(
          "UPDATE losses SET state = :destroying, scope_destroyed_time = :time "
          "WHERE account = :account AND state = :sealed AND epoch <= :epoch",
          {{"destroying", Number(Loss::State::kDestroying)},
           {"sealed", Number(Loss::State::kSealed)},
           {"time", scope_destroyed_time},
           {"account", std::string(account)},
           {"epoch", epoch}})
      .status();
}

absl::Status RestoreSealedLosses(storage::Transaction& tx, absl::string_view account) {
  return tx
      .Execute("UPDATE losses SET state = :restored WHERE account = :account AND state = :sealed",
               {{"restored", Number(Loss::State::kRestored)},
                {"sealed", Number(Loss::State::kSealed)},
                {"account", std::string(account)}})
      .status();
}

absl::Status ConfirmScopeDestroyed(storage::Transaction& tx, absl::string_view access_event,
                                   absl::Time time) {
  // The event's own word on when it happened stands; the answer to us may speak of a later call.
  return tx
      .Execute(
          "UPDATE losses SET scope_confirmed = 1, "
          "scope_destroyed_time = COALESCE(scope_destroyed_time, :time) "
          "WHERE access_event = :access_event",
          {{"time", time}, {"access_event", std::string(access_event)}})
      .status();
}

absl::Status CountDestroyed(storage::Transaction& tx, absl::string_view access_event,
                            int64_t uploads, int64_t bytes) {
  return tx
      .Execute(
          "UPDATE losses SET uploads_destroyed = uploads_destroyed + :uploads, "
          "upload_bytes_destroyed = upload_bytes_destroyed + :bytes "
          "WHERE access_event = :access_event",
          {{"uploads", uploads}, {"bytes", bytes}, {"access_event", std::string(access_event)}})
      .status();
}

absl::Status FinishLoss(storage::Transaction& tx, absl::string_view access_event) {
  return tx
      .Execute("UPDATE losses SET state = :done WHERE access_event = :access_event",
               {{"done", Number(Loss::State::kDone)}, {"access_event", std::string(access_event)}})
      .status();
}

}  // namespace keyward::model_deployment
