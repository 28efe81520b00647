#include "common/events/outbox.h"

#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "google/protobuf/any.pb.h"

namespace keyward::events {

Outbox::Outbox(std::string source, clock::Clock& clock)
    : source_(std::move(source)), clock_(clock) {}

absl::StatusOr<int64_t> Outbox::Append(storage::Transaction& tx, const NewEvent& event) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("UPDATE event_sequence SET last = last + 1 WHERE id = 1 RETURNING last"));
  const int64_t sequence = row->GetInt64(0);
  google::protobuf::Any data;
  data.PackFrom(event.data);
  KW_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO events"
                 " (sequence, type, subject, time, data, correlation_id, caused_by) VALUES"
                 " (:sequence, :type, :subject, :time, :data, :correlation_id, :caused_by)",
                 {{"sequence", sequence},
                  {"type", event.type},
                  {"subject", event.subject},
                  {"time", clock_.Now()},
                  {"data", storage::Blob(data.SerializeAsString())},
                  {"correlation_id", event.correlation_id},
                  {"caused_by", event.caused_by}})
          .status());
  tx.NoteAppended(sequence);
  tx.OnCommit([this, sequence] { Committed(sequence); });
  return sequence;
}

void Outbox::SetListener(std::function<void(int64_t)> listener) {
  absl::MutexLock lock(&mutex_);
  listener_ = std::move(listener);
}

void Outbox::Committed(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  if (listener_) listener_(sequence);
}

}  // namespace keyward::events
