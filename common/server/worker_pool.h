#ifndef KEYWARD_COMMON_SERVER_WORKER_POOL_H_
#define KEYWARD_COMMON_SERVER_WORKER_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace keyward::server {

// So many threads, started when they are first needed, with a queue of limited length before them.
// The destructor runs what is queued and waits for it. Thread-safe.
class WorkerPool {
 public:
  WorkerPool(int workers, int queue);
  ~WorkerPool();

  // Takes `task` unless all workers are busy and the queue is full; returns whether it did. Tasks
  // start in order.
  bool TrySchedule(std::function<void()> task);

 private:
  void Work();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !tasks_.empty();
  }

  const int workers_;
  // Tasks that run or wait.
  const int capacity_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_WORKER_POOL_H_
