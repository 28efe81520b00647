#include "services/key_vault/rotation_store.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"
#include "services/key_vault/stored_time.h"

namespace keyward::key_vault {
namespace {

// The columns that ScheduleFromRow reads, in its order. A macro, since texts of SQL are put
// together at compile time.
#define KW_SCHEDULE_COLUMNS                                                                    \
  "vault_id, key_id, version_id, expire_time, notified, rotate_time, rotate_due, notice_due, " \
  "failures"

std::string ToText(const std::optional<CalendarDuration>& duration) {
  return duration.has_value() ? duration->ToString() : "";
}

absl::StatusOr<std::optional<CalendarDuration>> FromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  absl::StatusOr<CalendarDuration> duration = CalendarDuration::Parse(text);
  if (!duration.ok()) return absl::DataLossError(absl::StrCat("'", text, "' is no duration"));
  return *duration;
}

absl::StatusOr<KeySchedule> ScheduleFromRow(const storage::Row& row) {
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(row.GetString(0)));
  KW_ASSIGN_OR_RETURN(KeyName key, KeyName::FromId(std::move(vault), row.GetString(1)));
  return KeySchedule{.key = std::move(key),
                     .version = row.GetString(2),
                     .expire_time = StoredTime(row, 3),
                     .notified = static_cast<Notice>(row.GetInt64(4)),
                     .rotate_time = StoredTime(row, 5),
                     .rotate_due = StoredTime(row, 6),
                     .notice_due = StoredTime(row, 7),
                     .failures = row.GetInt64(8)};
}

absl::StatusOr<std::vector<KeySchedule>> FromRows(const std::vector<storage::Row>& rows) {
  std::vector<KeySchedule> schedules;
  schedules.reserve(rows.size());
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(KeySchedule schedule, ScheduleFromRow(row));
    schedules.push_back(std::move(schedule));
  }
  return schedules;
}

}  // namespace

absl::StatusOr<RotationPolicy> RotationStore::FindPolicy(const KeyName& key) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx_.QueryOne(
          "SELECT expiry, rotate_after_create, rotate_before_expiry, notify_before_expiry, "
          "revision, create_time, update_time FROM rotation_policies WHERE vault_id = "
          ":vault_id AND key_id = :key_id",
          {{"vault_id", key.vault().id()}, {"key_id", key.id()}}));
  RotationPolicy policy;
  if (!row.has_value()) return policy;
  KW_ASSIGN_OR_RETURN(policy.expiry, FromText(row->GetString(0)));
  KW_ASSIGN_OR_RETURN(policy.rotate_after_create, FromText(row->GetString(1)));
  KW_ASSIGN_OR_RETURN(policy.rotate_before_expiry, FromText(row->GetString(2)));
  KW_ASSIGN_OR_RETURN(const std::optional<CalendarDuration> notify, FromText(row->GetString(3)));
  if (notify.has_value()) policy.notify_before_expiry = *notify;
  policy.revision = row->GetInt64(4);
  policy.create_time = row->GetTime(5);
  policy.update_time = row->GetTime(6);
  return policy;
}

absl::Status RotationStore::SetPolicy(const KeyName& key, const RotationPolicy& policy) {
  return tx_
      .Execute(
          "INSERT INTO rotation_policies (vault_id, key_id, expiry, rotate_after_create, "
          "rotate_before_expiry, notify_before_expiry, revision, create_time, update_time) VALUES "
          "(:vault_id, :key_id, :expiry, :rotate_after_create, :rotate_before_expiry, "
          ":notify_before_expiry, :revision, :create_time, :update_time) ON CONFLICT (vault_id, "
          "key_id) DO UPDATE SET expiry = excluded.expiry, rotate_after_create = "
          "excluded.rotate_after_create, rotate_before_expiry = excluded.rotate_before_expiry, "
          "notify_before_expiry = excluded.notify_before_expiry, revision = excluded.revision, "
          "update_time = excluded.update_time",
          {{"vault_id", key.vault().id()},
           {"key_id", key.id()},
           {"expiry", ToText(policy.expiry)},
           {"rotate_after_create", ToText(policy.rotate_after_create)},
           {"rotate_before_expiry", ToText(policy.rotate_before_expiry)},
           {"notify_before_expiry", policy.notify_before_expiry.ToString()},
           {"revision", policy.revision},
           {"create_time", policy.create_time},
           {"update_time", policy.update_time}})
      .status();
}

absl::StatusOr<std::optional<KeySchedule>> RotationStore::FindSchedule(const KeyName& key) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx_.QueryOne("SELECT " KW_SCHEDULE_COLUMNS
                                   " FROM key_schedules WHERE vault_id = :vault_id AND key_id = "
                                   ":key_id",
                                   {{"vault_id", key.vault().id()}, {"key_id", key.id()}}));
  if (!row.has_value()) return std::nullopt;
  KW_ASSIGN_OR_RETURN(KeySchedule schedule, ScheduleFromRow(*row));
  return schedule;
}

absl::Status RotationStore::Reschedule(const KeyVersion& newest) {
  const KeyName& key = newest.name.key();
  KW_ASSIGN_OR_RETURN(const RotationPolicy policy, FindPolicy(key));
  const std::optional<absl::Time> rotate_time = RotationTime(policy, newest);
  if (!rotate_time && !newest.expire_time) {
    return tx_
        .Execute("DELETE FROM key_schedules WHERE vault_id = :vault_id AND key_id = :key_id",
                 {{"vault_id", key.vault().id()}, {"key_id", key.id()}})
        .status();
  }
  KW_ASSIGN_OR_RETURN(const std::optional<KeySchedule> before, FindSchedule(key));
  // What was announced of another version, or of another expire_time, counts for nothing.
  const bool same =
      before && before->version == newest.name.id() && before->expire_time == newest.expire_time;
  const Notice notified = same ? before->notified : Notice::kNone;
  return tx_
      .Execute(
          "INSERT INTO key_schedules (vault_id, key_id, version_id, expire_time, notified, "
          "rotate_time, rotate_due, notice_due, failures) VALUES (:vault_id, :key_id, :version_id, "
          ":expire_time, :notified, :rotate_time, :rotate_time, :notice_due, 0) ON CONFLICT "
          "(vault_id, key_id) DO UPDATE SET version_id = excluded.version_id, expire_time = "
          "excluded.expire_time, notified = excluded.notified, rotate_time = excluded.rotate_time, "
          "rotate_due = excluded.rotate_due, notice_due = excluded.notice_due, failures = 0",
          {{"vault_id", key.vault().id()},
           {"key_id", key.id()},
           {"version_id", newest.name.id()},
           {"expire_time", newest.expire_time},
           {"notified", static_cast<int64_t>(notified)},
           {"rotate_time", rotate_time},
           {"notice_due", NextNoticeTime(policy, newest, notified)}})
      .status();
}

absl::StatusOr<std::vector<KeySchedule>> RotationStore::ListDueForRotation(absl::Time now,
                                                                           int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx_.Query("SELECT " KW_SCHEDULE_COLUMNS
                                " FROM key_schedules WHERE rotate_due <= :now ORDER BY rotate_due "
                                "LIMIT :limit",
                                {{"now", now}, {"limit", limit}}));
  return FromRows(rows);
}

absl::StatusOr<std::vector<KeySchedule>> RotationStore::ListDueForNotice(absl::Time now,
                                                                         int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx_.Query("SELECT " KW_SCHEDULE_COLUMNS
                                " FROM key_schedules WHERE notice_due <= :now ORDER BY notice_due "
                                "LIMIT :limit",
                                {{"now", now}, {"limit", limit}}));
  return FromRows(rows);
}

absl::StatusOr<std::optional<absl::Time>> RotationStore::NextDue() {
  std::optional<absl::Time> next;
  for (const char* sql :
       {"SELECT MIN(rotate_due) FROM key_schedules", "SELECT MIN(notice_due) FROM key_schedules"}) {
    KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row, tx_.QueryOne(sql));
    if (row->IsNull(0)) continue;
    next = next ? std::min(*next, row->GetTime(0)) : row->GetTime(0);
  }
  return next;
}

absl::StatusOr<bool> RotationStore::MoveRotation(const KeySchedule& schedule,
                                                 std::optional<absl::Time> due) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE key_schedules SET rotate_due = :due, failures = :failures WHERE vault_id "
                  "= :vault_id AND key_id = :key_id AND version_id = :version_id AND rotate_due = "
                  ":seen",
                  {{"vault_id", schedule.key.vault().id()},
                   {"key_id", schedule.key.id()},
                   {"version_id", schedule.version},
                   {"seen", schedule.rotate_due},
                   {"due", due},
                   {"failures", schedule.failures}}));
  return rows == 1;
}

absl::StatusOr<bool> RotationStore::MoveNotice(const KeySchedule& schedule,
                                               std::optional<absl::Time> due) {
  KW_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx_.Execute("UPDATE key_schedules SET notice_due = :due, notified = :notified WHERE vault_id "
                  "= :vault_id AND key_id = :key_id AND version_id = :version_id AND notice_due = "
                  ":seen",
                  {{"vault_id", schedule.key.vault().id()},
                   {"key_id", schedule.key.id()},
                   {"version_id", schedule.version},
                   {"seen", schedule.notice_due},
                   {"due", due},
                   {"notified", static_cast<int64_t>(schedule.notified)}}));
  return rows == 1;
}

}  // namespace keyward::key_vault
