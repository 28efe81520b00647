#ifndef KEYWARD_COMMON_EVENTS_FEED_CORE_H_
#define KEYWARD_COMMON_EVENTS_FEED_CORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/events/consumer_table.h"
#include "common/events/feed.h"
#include "common/storage/database.h"

namespace keyward::events {

// What Feed and its sessions share. Where several processes share the database, a thread looks
// every 20 ms for what the others have published, granted and been told. Thread-safe.
class FeedCore {
 public:
  FeedCore(storage::Database& database, clock::Clock& clock, std::string source,
           Feed::Options options);
  ~FeedCore();

  // Reads the database for the first time.
  absl::Status Load();

  // The outbox committed this.
  void Committed(int64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads the newest sequence from the database.
  absl::StatusOr<int64_t> ReadNewest() ABSL_LOCKS_EXCLUDED(mutex_);
  // The same from memory, where it is enough.
  absl::Status RequirePublished(int64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);
  // Reads the consumers, where others may have changed them.
  absl::Status RefreshConsumers() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::StatusOr<std::vector<v1::Event>> ReadEvents(int64_t after_sequence, int limit,
                                                    const std::string& subject = "");
  // OUT_OF_RANGE if events after this are gone.
  absl::Status RequireKept(int64_t after_sequence);

  void SetUpstream(std::function<absl::Duration()> remaining) ABSL_LOCKS_EXCLUDED(mutex_);
  // What an upstream_lease may be now.
  absl::Duration UpstreamLease() ABSL_LOCKS_EXCLUDED(mutex_);

  // Believes in and stores a lease asked for at `received`.
  absl::Status GrantLease(const std::string& consumer, absl::Duration received)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Notes, and stores where others need it, how far a consumer is.
  absl::Status Acknowledge(const std::string& consumer, int64_t sequence)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends sessions and waits.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the look at what others do; the database is not used any more unless a session does.
  void StopWatching() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string& source() const { return source_; }
  const Feed::Options& options() const { return options_; }
  clock::Clock& clock() const { return clock_; }

  // Guards what follows; whoever waits for a change of it waits on this.
  absl::Mutex& mutex() const ABSL_LOCK_RETURNED(mutex_) { return mutex_; }
  ConsumerTable& table() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return table_; }
  int64_t newest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return newest_; }
  bool shut_down() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return shut_down_; }
  int64_t NextSession() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ++sessions_; }

 private:
  void WatchOthers();

  storage::Database& database_;
  clock::Clock& clock_;
  const std::string source_;
  const Feed::Options options_;

  mutable absl::Mutex mutex_;
  ConsumerTable table_ ABSL_GUARDED_BY(mutex_);
  int64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t sessions_ ABSL_GUARDED_BY(mutex_) = 0;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_watching_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<absl::Duration()> upstream_ ABSL_GUARDED_BY(mutex_);
  std::thread watcher_;
};

// The session of `consumer`, which the table has opened as number `session`.
std::unique_ptr<FeedSession> MakeFeedSession(std::shared_ptr<FeedCore> core, std::string consumer,
                                             int64_t session, int64_t after_sequence);

// The wait for a sequence that is published.
std::unique_ptr<Feed::Wait> MakeFeedWait(std::shared_ptr<FeedCore> core, int64_t sequence);

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_FEED_CORE_H_
