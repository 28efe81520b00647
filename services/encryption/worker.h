#ifndef KEYWARD_SERVICES_ENCRYPTION_WORKER_H_
#define KEYWARD_SERVICES_ENCRYPTION_WORKER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"

namespace keyward::encryption {

// Runs one task in a thread of its own: at the start, whenever it is woken, and when the time that
// the task itself named has passed. Thread-safe.
class Worker {
 public:
  // `clock` must outlive this.
  explicit Worker(const clock::Clock& clock) : clock_(clock) {}
  // Stops.
  ~Worker() { Stop(); }

  // Begins. The task returns how long to wait, at most, before it runs again. Once only.
  void Start(std::function<absl::Duration()> task);
  // Waits for the task, if it runs, and runs it no more.
  void Stop();

  // Has the task run soon, after this call; may come before Start.
  void Wake();

 private:
  void Run(const std::function<absl::Duration()>& task);

  const clock::Clock& clock_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_WORKER_H_
