#ifndef KEYWARD_COMMON_EVENTS_EVENT_STORE_H_
#define KEYWARD_COMMON_EVENTS_EVENT_STORE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::events {

// The SQL over the tables of EventsSchema() but for Outbox's. Errors are those of Transaction.

// The highest sequence; 0 if there is none.
absl::StatusOr<int64_t> NewestSequence(storage::Transaction& tx);

// The lowest sequence kept; 0 if there is none.
absl::StatusOr<int64_t> OldestSequence(storage::Transaction& tx);

// At most `limit` events after `sequence`, in order. With a `subject`, only events of that resource
// and of those below it.
absl::StatusOr<std::vector<v1::Event>> EventsAfter(storage::Transaction& tx,
                                                   std::string_view source, int64_t sequence,
                                                   int limit, std::string_view subject = "");

// How old an event is.
struct EventAge {
  int64_t sequence = 0;
  absl::Time time;
};

// At most `limit` of the events kept, the oldest first.
absl::StatusOr<std::vector<EventAge>> OldestEvents(storage::Transaction& tx, int limit);

// Deletes every event up to this one.
absl::Status DeleteEventsThrough(storage::Transaction& tx, int64_t sequence);

// What the consumer that is farthest behind has acknowledged; `none` if there is no consumer.
absl::StatusOr<int64_t> LeastAcknowledged(storage::Transaction& tx, int64_t none);

// Forgets consumers whose lease ended before that; returns their names.
absl::StatusOr<std::vector<std::string>> ForgetConsumers(storage::Transaction& tx,
                                                         absl::Time lease_ended_before);

// What is stored of a consumer, "service/replica".
struct StoredConsumer {
  std::string name;
  int64_t acknowledged = 0;
  // Grows with each lease, also when the consumer was forgotten in between.
  int64_t renewals = 0;
  // What the last lease is believed to last, margin included.
  absl::Duration lease_length;
};

absl::StatusOr<std::vector<StoredConsumer>> Consumers(storage::Transaction& tx);

// Stores a new lease; returns its `renewals`. `lease_until` is for people.
absl::StatusOr<int64_t> StoreLease(storage::Transaction& tx, const StoredConsumer& consumer,
                                   absl::Time lease_until);

// Stores how far a consumer is, if it has had a lease.
absl::Status StoreAcknowledged(storage::Transaction& tx, std::string_view name,
                               int64_t acknowledged);

// How far this service has applied the feed of `source`; 0 if not at all.
absl::StatusOr<int64_t> Cursor(storage::Transaction& tx, std::string_view source);

absl::Status StoreCursor(storage::Transaction& tx, std::string_view source, int64_t sequence);

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_EVENT_STORE_H_
