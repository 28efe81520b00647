#ifndef KEYWARD_COMMON_EVENTS_TESTING_NODE_H_
#define KEYWARD_COMMON_EVENTS_TESTING_NODE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/events/feed.h"
#include "common/events/follower.h"
#include "common/events/outbox.h"
#include "common/events/testing/eventually.h"
#include "common/events/testing/feed_server.h"
#include "common/storage/database.h"

namespace keyward::events::testing {

// A small service: publishes numbers, follows others, keeps what it heard in its database. Each
// event that it applies must be the next number of its source; with forwarding it publishes what it
// applies. Thread-safe.
class Node : private EventHandler {
 public:
  Node(std::string name, std::string database_url, clock::Clock& clock);
  ~Node() override;

  // Starts, or starts again, on what the database holds: publisher first, followers with Follow.
  void Start();
  // Ends as a process does; what is in memory is gone.
  void Stop();

  // How long a peer may be silent; for peers followed from now on. Very long unless set, for where
  // a test moves the clock faster than messages travel, nobody is silent.
  void SetSilenceLimit(absl::Duration limit) { silence_limit_ = limit; }
  // Follows a peer, which has to outlive this, from now on.
  void Follow(Node& peer, bool forward = false);

  // Publishes the next number; returns its sequence, which is the same.
  int64_t Publish();
  // What was applied from a source, in order; "1", "2" and so on.
  std::vector<std::string> Applied(const std::string& source);

  // While held, no handler starts.
  void Hold();
  void Release();
  // Makes Apply fail for this event, such as "a/3", until it is given another.
  void FailAt(std::string event_id);

  const std::string& name() const { return name_; }
  storage::Database& database() { return *database_; }
  Feed& feed() { return *feed_; }
  FeedServer& server() { return server_; }
  Follower& follower(const std::string& source) { return *followers_.at(source); }
  // Of all that it follows; what it passes on.
  absl::Duration chain_remaining() const;

 private:
  absl::Status Apply(storage::Transaction& tx, const v1::Event& event) override;

  const std::string name_;
  const std::string database_url_;
  clock::Clock& clock_;
  FeedServer server_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Feed> feed_;
  absl::Duration silence_limit_ = absl::Hours(1);
  std::map<std::string, bool> forward_;
  std::map<std::string, std::unique_ptr<Follower>> followers_;
  absl::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  std::string fail_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::events::testing

#endif  // KEYWARD_COMMON_EVENTS_TESTING_NODE_H_
