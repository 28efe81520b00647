#include "common/events/event_store.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace keyward::events {
namespace {

using google::protobuf::util::TimeUtil;

absl::StatusOr<int64_t> OneNumber(storage::Transaction& tx, std::string_view sql) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row, tx.QueryOne(sql));
  return row.has_value() ? row->GetInt64(0) : 0;
}

absl::StatusOr<v1::Event> ToEvent(std::string_view source, const storage::Row& row) {
  v1::Event event;
  event.set_sequence(row.GetInt64(0));
  event.set_source(std::string(source));
  event.set_id(absl::StrCat(event.source(), "/", event.sequence()));
  event.set_type(row.GetString(1));
  event.set_subject(row.GetString(2));
  *event.mutable_time() = TimeUtil::MicrosecondsToTimestamp(row.GetInt64(3));
  if (!event.mutable_data()->ParseFromString(row.GetBlob(4))) {
    return absl::InternalError(absl::StrCat("stored event ", event.id(), " does not parse"));
  }
  event.set_correlation_id(row.GetString(5));
  event.set_caused_by(row.GetString(6));
  return event;
}

}  // namespace

absl::StatusOr<int64_t> NewestSequence(storage::Transaction& tx) {
  return OneNumber(tx, "SELECT last FROM event_sequence WHERE id = 1");
}

absl::StatusOr<int64_t> OldestSequence(storage::Transaction& tx) {
  return OneNumber(tx, "SELECT MIN(sequence) FROM events");
}

absl::StatusOr<std::vector<v1::Event>> EventsAfter(storage::Transaction& tx,
                                                   std::string_view source, int64_t sequence,
                                                   int limit, std::string_view subject) {
  // Not LIKE, which ignores case on SQLite.
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      subject.empty()
          ? tx.Query("SELECT sequence, type, subject, time, data, correlation_id, caused_by"
                     " FROM events WHERE sequence > :sequence ORDER BY sequence LIMIT :limit",
                     {{"sequence", sequence}, {"limit", limit}})
          : tx.Query("SELECT sequence, type, subject, time, data, correlation_id, caused_by"
                     " FROM events WHERE sequence > :sequence AND"
                     " (subject = :subject OR substr(subject, 1, :length) = :below)"
                     " ORDER BY sequence LIMIT :limit",
                     {{"sequence", sequence},
                      {"subject", subject},
                      {"length", static_cast<int64_t>(subject.size()) + 1},
                      {"below", std::string(subject) + "/"},
                      {"limit", limit}}));
  std::vector<v1::Event> events;
  events.reserve(rows.size());
  for (const storage::Row& row : rows) {
    KW_ASSIGN_OR_RETURN(v1::Event event, ToEvent(source, row));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<std::vector<EventAge>> OldestEvents(storage::Transaction& tx, int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query("SELECT sequence, time FROM events ORDER BY sequence LIMIT :limit",
                               {{"limit", limit}}));
  std::vector<EventAge> events;
  events.reserve(rows.size());
  for (const storage::Row& row : rows) events.push_back({row.GetInt64(0), row.GetTime(1)});
  return events;
}

absl::Status DeleteEventsThrough(storage::Transaction& tx, int64_t sequence) {
  return tx.Execute("DELETE FROM events WHERE sequence <= :sequence", {{"sequence", sequence}})
      .status();
}

absl::StatusOr<int64_t> LeastAcknowledged(storage::Transaction& tx, int64_t none) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT MIN(acknowledged) FROM event_consumers"));
  return row->IsNull(0) ? none : row->GetInt64(0);
}

absl::StatusOr<std::vector<std::string>> ForgetConsumers(storage::Transaction& tx,
                                                         absl::Time lease_ended_before) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx.Query("DELETE FROM event_consumers WHERE lease_until < :before RETURNING name",
               {{"before", lease_ended_before}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(row.GetString(0));
  return names;
}

absl::StatusOr<std::vector<StoredConsumer>> Consumers(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx.Query("SELECT name, acknowledged, renewals, lease_length FROM event_consumers"));
  std::vector<StoredConsumer> consumers;
  for (const storage::Row& row : rows) {
    consumers.push_back({row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetDuration(3)});
  }
  return consumers;
}

// The first number of a consumer is a time: one that was forgotten comes back with a higher number
// than it ever had, so that no replica takes its lease for one that it knows already.
absl::StatusOr<int64_t> StoreLease(storage::Transaction& tx, const StoredConsumer& consumer,
                                   absl::Time lease_until) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("INSERT INTO event_consumers"
                  " (name, acknowledged, renewals, lease_length, lease_until)"
                  " VALUES (:name, :acknowledged, :lease_until, :lease_length, :lease_until)"
                  " ON CONFLICT (name) DO UPDATE SET acknowledged = excluded.acknowledged,"
                  " renewals = event_consumers.renewals + 1,"
                  " lease_length = excluded.lease_length, lease_until = excluded.lease_until"
                  " RETURNING renewals",
                  {{"name", consumer.name},
                   {"acknowledged", consumer.acknowledged},
                   {"lease_length", consumer.lease_length},
                   {"lease_until", lease_until}}));
  return row->GetInt64(0);
}

absl::Status StoreAcknowledged(storage::Transaction& tx, std::string_view name,
                               int64_t acknowledged) {
  return tx
      .Execute("UPDATE event_consumers SET acknowledged = :acknowledged WHERE name = :name",
               {{"acknowledged", acknowledged}, {"name", name}})
      .status();
}

absl::StatusOr<int64_t> Cursor(storage::Transaction& tx, std::string_view source) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT sequence FROM event_cursors WHERE source = :source",
                                  {{"source", source}}));
  return row.has_value() ? row->GetInt64(0) : 0;
}

absl::Status StoreCursor(storage::Transaction& tx, std::string_view source, int64_t sequence) {
  return tx
      .Execute(
          "INSERT INTO event_cursors (source, sequence) VALUES (:source, :sequence)"
          " ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence",
          {{"source", source}, {"sequence", sequence}})
      .status();
}

}  // namespace keyward::events
