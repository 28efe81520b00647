#ifndef KEYWARD_COMMON_EVENTS_ACKNOWLEDGER_H_
#define KEYWARD_COMMON_EVENTS_ACKNOWLEDGER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/clock.h"
#include "common/events/applier.h"
#include "common/events/feed.h"

namespace keyward::events {

// Turns what is applied into what may be acknowledged: a sequence of the peer's feed, once the own
// events that followed from it have been delivered further down. Waits for that in a thread of its
// own, while more is applied; what comes meanwhile shares the next wait. Thread-safe.
class Acknowledger {
 public:
  // `own_feed` may be null: then there is nobody further down. `on_ready` is called with the
  // sequence that may be acknowledged, never with a lower one than before.
  Acknowledger(std::string source, Feed* own_feed, clock::Clock& clock,
               std::function<void(int64_t)> on_ready);
  ~Acknowledger();

  void Start();
  void Stop();

  // The applier has come this far.
  void Applied(Progress progress);

 private:
  void Run();
  void Deliver(const Progress& target) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits once; an error means that it has to be begun anew.
  absl::StatusOr<v1::Delivery> AwaitDelivery(int64_t own_sequence) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string source_;
  Feed* const own_feed_;
  clock::Clock& clock_;
  const std::function<void(int64_t)> on_ready_;

  absl::Mutex mutex_;
  Progress target_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Feed::Wait* wait_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // The thread's own.
  Progress done_;
  std::thread thread_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_ACKNOWLEDGER_H_
