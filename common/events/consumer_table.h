#ifndef KEYWARD_COMMON_EVENTS_CONSUMER_TABLE_H_
#define KEYWARD_COMMON_EVENTS_CONSUMER_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/events/event_store.h"

namespace keyward::events {

// What this process knows of a feed's consumers and believes of their leases; no locking, no
// clock, no database: pure rules, which Feed applies under its mutex. All moments are on the
// monotonic clock.
class ConsumerTable {
 public:
  struct Consumer {
    int64_t acknowledged = 0;
    // Of the newest lease known here; 0 while it has had none.
    int64_t renewals = 0;
    absl::Duration believed_until;
    // The stream that it has open to this process; 0 if none.
    int64_t session = 0;
  };

  // Opens `session`, which ends an older one, for a consumer that has received everything up to
  // `after_sequence`: what it was once said to have applied beyond that it no longer has.
  void Open(const std::string& name, int64_t session, int64_t after_sequence);
  // Forgets the session if it still is the newest.
  void Close(const std::string& name, int64_t session);
  // Whether the session is the newest of its consumer.
  bool IsOpen(const std::string& name, int64_t session) const;

  // Everything up to `sequence` was applied.
  void Acknowledge(const std::string& name, int64_t sequence);

  // Whether a consumer that is known has acknowledged that.
  bool HasAcknowledged(const std::string& name, int64_t sequence) const;

  // A lease is about to be granted here, to be believed in until `until`.
  void Grant(const std::string& name, absl::Duration until);
  // It was stored as number `renewals`.
  void Granted(const std::string& name, int64_t renewals);

  // What the database holds, read at `now` or later: leases that were granted by others count from
  // when they are first seen. Consumers that it has forgotten, and whose lease is over, go.
  void Merge(const std::vector<StoredConsumer>& stored, absl::Duration now);

  const std::map<std::string, Consumer>& consumers() const { return consumers_; }

 private:
  std::map<std::string, Consumer> consumers_;
};

// Which consumers an event still has to reach, decided once after it was committed (feed.h says why
// that is enough), and then only worked off.
class DeliveryProgress {
 public:
  DeliveryProgress(const ConsumerTable& table, int64_t sequence, absl::Duration now);

  // Moves on whoever has acknowledged by now, or whose lease is over at `now`. Returns whether
  // anything moved.
  bool Update(const ConsumerTable& table, absl::Duration now);
  // Whether Update would move anyone because of an acknowledgement.
  bool HasNews(const ConsumerTable& table) const;

  bool done() const { return pending_.empty(); }
  // When the first pending lease ends.
  absl::Duration next_end() const;
  v1::Delivery ToDelivery() const;

 private:
  int64_t sequence_;
  std::map<std::string, absl::Duration> pending_;
  std::vector<std::string> applied_;
  std::vector<std::string> waited_out_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_CONSUMER_TABLE_H_
