#ifndef KEYWARD_COMMON_SERVER_LANE_H_
#define KEYWARD_COMMON_SERVER_LANE_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/server/worker_pool.h"

namespace keyward::server {

// The calls of one gRPC service, with workers of their own: calls that wait long (a grant for its
// delivery, a key to be generated) hold up others of their service only, and never those that
// encrypt and decrypt. A call counts from Start until Answered, also while its audit entry is being
// written, so nothing piles up without bound. Thread-safe.
class Lane {
 public:
  Lane(int workers, int queue) : limit_(workers + queue), pool_(workers, queue) {}

  // Runs `call` on a worker; false if too many are unanswered. Answered must follow either way.
  bool Start(std::function<void()> call) {
    return unanswered_.fetch_add(1) < limit_ && pool_.TrySchedule(std::move(call));
  }
  void Answered() { unanswered_.fetch_sub(1); }

 private:
  const int limit_;
  std::atomic<int> unanswered_ = 0;
  // Last, so that its threads end first.
  WorkerPool pool_;
};

// How many workers a service is given whose handlers compute, and seldom wait: more of them than
// that would take turns on the cores that this process may run on, get into each other's caches,
// and all end late.
int ComputingWorkers();

// A lane for each service called so far. Thread-safe.
class Lanes {
 public:
  Lanes(int workers, int queue) : workers_(workers), queue_(queue) {}

  // Gives this service, "package.Service", that many workers if it would have more. Before its
  // first call.
  void Limit(absl::string_view service, int workers) {
    absl::MutexLock lock(&mutex_);
    lanes_[service] = std::make_unique<Lane>(std::min(workers, workers_), queue_);
  }

  // For a method's full name, "package.Service/Method". Lives as long as this.
  Lane& Of(absl::string_view method) {
    const absl::string_view service = method.substr(0, method.find('/'));
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<Lane>& lane = lanes_[service];
    if (lane == nullptr) lane = std::make_unique<Lane>(workers_, queue_);
    return *lane;
  }

 private:
  const int workers_;
  const int queue_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Lane>> lanes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_LANE_H_
