#ifndef KEYWARD_COMMON_EVENTS_FOLLOWER_H_
#define KEYWARD_COMMON_EVENTS_FOLLOWER_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/events/feed.h"
#include "common/events/lease.h"
#include "common/storage/database.h"

namespace keyward::events {

// The consumer's half of the event mechanism: follows one peer's feed for as long as it runs,
// applies each event exactly once and in order, and keeps the lease on what is known of the peer.
//
// The cursor is stored in the transaction of the effect. A sequence is acknowledged once it is
// applied here *and* every event that this service appended meanwhile was delivered further down;
// later events are applied without waiting for that. Lost or silent connections are replaced after
// a jittered back-off, from the cursor on. A handler's error, or an OUT_OF_RANGE of the peer (our
// database and the peer's no longer fit together), is logged and tried again; meanwhile the lease
// runs out, and nothing is skipped. Thread-safe.
class Follower {
 public:
  struct Options {
    // The peer, such as "managed_identity"; and this service with its replica.
    std::string source;
    std::string consumer;
    std::string replica = "0";
    // To the peer.
    std::shared_ptr<grpc::Channel> channel;
    // The feed of this service, if it appends events when it applies the peer's.
    Feed* own_feed = nullptr;
    absl::Duration heartbeat_interval = absl::Seconds(1);
    // A peer that answers no heartbeat for so long is given up, and called again.
    absl::Duration silence_limit = absl::Seconds(4);
    absl::Duration minimum_back_off = absl::Milliseconds(50);
    absl::Duration maximum_back_off = absl::Seconds(2);
    // At most so many events share one transaction when catching up.
    int batch_size = 100;
  };

  // How the connection to the peer is.
  enum class State { kStopped, kConnecting, kFollowing, kHandlerFailing, kOutOfRange };

  // Reads the cursor. Load what the handler keeps in memory after this, before Start. `database`
  // needs EventsSchema(); all must outlive the follower.
  static absl::StatusOr<std::unique_ptr<Follower>> Create(Options options,
                                                          storage::Database& database,
                                                          clock::Clock& clock,
                                                          EventHandler& handler);
  // Stops.
  ~Follower();

  // Begins to follow, in threads of its own. Once only.
  void Start();
  // Ends; when it returns, no handler runs and none will. The lease runs out by itself.
  void Stop();

  // Lives as long as the follower.
  const Lease& lease() const;
  // Everything up to this sequence of the peer has been applied; and acknowledged.
  int64_t applied() const;
  int64_t acknowledged() const;
  State state() const;

 private:
  class Core;

  explicit Follower(std::unique_ptr<Core> core);

  const std::unique_ptr<Core> core_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_FOLLOWER_H_
