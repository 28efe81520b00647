#ifndef KEYWARD_COMMON_EVENTS_OUTBOX_H_
#define KEYWARD_COMMON_EVENTS_OUTBOX_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/storage/transaction.h"
#include "google/protobuf/message.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::events {

// An event about to be published; the fields are those of events.proto. Meant to be written where
// it is appended: outbox.Append(tx, {.type = "…", .subject = "…", .data = changed}).
struct NewEvent {
  std::string type;
  std::string subject;
  // What changed; a message of the publisher's events.proto.
  const google::protobuf::Message& data;
  std::string correlation_id = {};
  std::string caused_by = {};
};

// Publishes what a service changes, in the transaction of the change. Sequences start at 1, grow by
// 1 and never become visible after a higher one: each is drawn from one counter row, whose lock is
// held until the commit, on SQLite by the one writer and on PostgreSQL by the row's lock.
// Thread-safe.
class Outbox {
 public:
  // `source` is the service's name, such as "key_vault". The database needs EventsSchema().
  Outbox(std::string source, clock::Clock& clock);

  // Appends an event; returns its sequence, which the transaction notes as well. Errors are those
  // of Transaction.
  absl::StatusOr<int64_t> Append(storage::Transaction& tx, const NewEvent& event);

  // Calls `listener` with the sequence of each event once it is committed, in order. Before the
  // first Append only.
  void SetListener(std::function<void(int64_t)> listener);

  const std::string& source() const { return source_; }

 private:
  void Committed(int64_t sequence);

  const std::string source_;
  clock::Clock& clock_;
  absl::Mutex mutex_;
  std::function<void(int64_t)> listener_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_OUTBOX_H_
