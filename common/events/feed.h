#ifndef KEYWARD_COMMON_EVENTS_FEED_H_
#define KEYWARD_COMMON_EVENTS_FEED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/outbox.h"
#include "common/storage/database.h"
#include "keyward/events/v1/events.pb.h"

namespace keyward::events {

class FeedCore;

// One consumer's stream, without gRPC: what arrives is told to Acknowledge and Heartbeat, what is
// to be sent comes out of Next. One thread may call Next while another calls the rest.
class FeedSession {
 public:
  virtual ~FeedSession() = default;

  // Everything up to `sequence` was applied. INVALID_ARGUMENT if it was never sent.
  virtual absl::Status Acknowledge(int64_t sequence) = 0;

  // A heartbeat request has just been received; Next will return its answer.
  virtual void Heartbeat(int64_t request_id) = 0;

  // Waits for the next event or heartbeat and returns it: events in order, read from the database;
  // heartbeats once the lease they grant is durable. CANCELLED after Close; ABORTED when the same
  // consumer has opened a newer session; storage errors.
  virtual absl::StatusOr<v1::SubscribeResponse> Next() = 0;

  // Ends Next. The lease granted so far goes on to count.
  virtual void Close() = 0;
};

// The publisher's half of the event mechanism: serves what the Outbox wrote to consumers, grants
// them leases, and knows when an event has taken effect everywhere. One a service. Thread-safe.
//
// Why WaitForDelivery is right: a heartbeat reads the newest sequence only after its lease has been
// registered. So when a wait for event s looks at the consumers, after s was committed, each lease
// that it does not see will be granted with a newest sequence of at least s, and does not count at
// the consumer before s is applied there. It is enough to wait for the leases seen at that first
// look: until acknowledged, or until their end.
//
// Why the end is right: the consumer counts a lease from when it sent the request; here it counts
// from when the request was received, later, plus a margin for clocks that run at different speeds,
// both on clocks that nobody sets. What was granted by another process (before a restart, or by a
// replica) is known from the database by its length alone, and counts from when this process first
// saw it, later still. Stored wall-clock times are for people; no wait depends on them.
class Feed {
 public:
  struct Options {
    // How long a consumer may trust what it knows after it last heard from here.
    absl::Duration lease = absl::Seconds(10);
    // How much longer it is believed to.
    absl::Duration margin = absl::Seconds(1);
  };

  // Reads who follows this feed from the database, which needs EventsSchema(). `outbox` is the one
  // that the service appends to; it gets this feed as its listener. All must outlive the feed.
  static absl::StatusOr<std::unique_ptr<Feed>> Create(storage::Database& database,
                                                      clock::Clock& clock, Outbox& outbox,
                                                      Options options);
  static absl::StatusOr<std::unique_ptr<Feed>> Create(storage::Database& database,
                                                      clock::Clock& clock, Outbox& outbox) {
    return Create(database, clock, outbox, Options());
  }
  ~Feed();

  // Returns once every consumer has acknowledged everything up to `sequence`, or its lease has run
  // out; says which did what. 0 returns at once. OUT_OF_RANGE: the feed has not come that far.
  // DEADLINE_EXCEEDED: `deadline` (on the wall clock) came first; the event goes on to be
  // delivered.
  absl::StatusOr<v1::Delivery> WaitForDelivery(int64_t sequence,
                                               absl::Time deadline = absl::InfiniteFuture());

  // What remains of the leases of this service itself on those that it follows (the least
  // Lease::chain_remaining()); a service that follows nobody sets nothing. Before the first
  // session.
  void SetUpstream(std::function<absl::Duration()> remaining);

  // Opens a session, ending an older one of the same consumer. OUT_OF_RANGE: start.after_sequence
  // lies ahead of the feed, or events after it are gone. INVALID_ARGUMENT: no usable name. That the
  // caller is who it says is for the caller of this to check.
  absl::StatusOr<std::unique_ptr<FeedSession>> Subscribe(const v1::SubscribeRequest::Start& start);

  // The methods of EventService of the same names.
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request);
  absl::StatusOr<v1::ListConsumersResponse> ListConsumers();

  // A wait for delivery that has begun. Must not outlive the feed.
  class Wait {
   public:
    virtual ~Wait() = default;
    // Waits until `deadline` on the monotonic clock; returns the delivery once it is complete, else
    // nothing. May be called again. CANCELLED after Cancel.
    virtual absl::StatusOr<std::optional<v1::Delivery>> Await(absl::Duration deadline) = 0;
    // Ends Await; from any thread.
    virtual void Cancel() = 0;
  };

  // What WaitForDelivery does, begun now; OUT_OF_RANGE as there. Whose leases count is decided
  // here.
  absl::StatusOr<std::unique_ptr<Wait>> BeginWait(int64_t sequence);

  // Ends every session and wait with UNAVAILABLE, now and from now on. For a server that drains.
  void Shutdown();

  const std::string& source() const;

 private:
  explicit Feed(std::shared_ptr<FeedCore> core);

  const std::shared_ptr<FeedCore> core_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_FEED_H_
