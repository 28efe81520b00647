#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_BACKGROUND_WORKER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_BACKGROUND_WORKER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"

namespace keyward::model_deployment {

// A thread that does a step when it is woken and, after a step that asks for it, once more later.
// Wakes during a step lead to another one. Thread-safe.
class BackgroundWorker {
 public:
  // Does what there is to do; returns after how long to do more, or InfiniteDuration() to wait for
  // Wake.
  using Step = std::function<absl::Duration()>;

  BackgroundWorker(const clock::Clock& clock, Step step) : clock_(clock), step_(std::move(step)) {}
  ~BackgroundWorker() { Stop(); }

  // Begins, with a first step at once. Once only.
  void Start();
  void Wake();
  // Ends; waits for the step that runs.
  void Stop();
  // For steps that take long.
  bool stopping() const;

 private:
  void Run();

  const clock::Clock& clock_;
  const Step step_;
  mutable absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_BACKGROUND_WORKER_H_
