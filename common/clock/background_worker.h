#ifndef KEYWARD_COMMON_CLOCK_BACKGROUND_WORKER_H_
#define KEYWARD_COMMON_CLOCK_BACKGROUND_WORKER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"

namespace keyward::clock {

// Runs one task in a thread of its own: at the start, whenever it is woken, and when the time that
// the task itself named has passed. Thread-safe.
class BackgroundWorker {
 public:
  // Does what there is to do; returns how long to wait, at most, before it runs again:
  // InfiniteDuration() to wait for Wake.
  using Task = std::function<absl::Duration()>;

  // `clock` must outlive this.
  explicit BackgroundWorker(const Clock& clock) : clock_(clock) {}
  // Stops.
  ~BackgroundWorker() { Stop(); }

  // Begins. Once only.
  void Start(Task task);
  // Waits for the task, if it runs, and runs it no more. Harmless if it never began.
  void Stop();

  // Has the task run soon, after this call, also if it runs just now; may come before Start.
  void Wake();

  // Whether Stop was called: for tasks that take long.
  bool stopping() const;

 private:
  void Run(const Task& task);

  const Clock& clock_;
  mutable absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace keyward::clock

#endif  // KEYWARD_COMMON_CLOCK_BACKGROUND_WORKER_H_
