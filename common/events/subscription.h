#ifndef KEYWARD_COMMON_EVENTS_SUBSCRIPTION_H_
#define KEYWARD_COMMON_EVENTS_SUBSCRIPTION_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "keyward/events/v1/events.grpc.pb.h"

namespace keyward::events {

// One stream to a peer's feed, from its first request to its end. Thread-safe.
class Subscription {
 public:
  struct Options {
    v1::SubscribeRequest::Start start;
    absl::Duration heartbeat_interval;
    absl::Duration silence_limit;
  };

  // What is heard; called from the thread that calls Run. A false ends the stream.
  struct Listener {
    std::function<bool(v1::Event)> on_event;
    // With the moment at which the answered request was sent, on the monotonic clock.
    std::function<void(absl::Duration sent, const v1::Heartbeat&)> on_heartbeat;
  };

  Subscription(Options options, Listener listener, clock::Clock& clock);

  // Opens the stream and serves it until it ends; returns why. Once only.
  absl::Status Run(v1::EventService::StubInterface& stub) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends Run soon.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);
  // Everything up to this may be acknowledged.
  void Acknowledge(int64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Stream = grpc::ClientReaderWriterInterface<v1::SubscribeRequest, v1::SubscribeResponse>;

  bool Read(Stream& stream);
  void Write(Stream& stream);
  // Waits for what is to be sent next; nothing when the stream is over.
  std::optional<v1::SubscribeRequest> NextRequest() ABSL_LOCKS_EXCLUDED(mutex_);
  // When the peer will have been silent for too long.
  absl::Duration SilentAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When the heartbeat request of this number was sent, if it is open; closes it and older ones.
  std::optional<absl::Duration> TakeSent(int64_t request_id) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  const Listener listener_;
  clock::Clock& clock_;
  grpc::ClientContext context_;

  absl::Mutex mutex_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t ready_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration next_heartbeat_ ABSL_GUARDED_BY(mutex_);
  int64_t last_request_id_ ABSL_GUARDED_BY(mutex_) = 0;
  // When each open heartbeat request was sent.
  std::map<int64_t, absl::Duration> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_SUBSCRIPTION_H_
