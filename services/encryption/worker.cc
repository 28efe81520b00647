#include "services/encryption/worker.h"

#include <utility>

namespace keyward::encryption {

void Worker::Start(std::function<absl::Duration()> task) {
  thread_ = std::thread([this, task = std::move(task)] { Run(task); });
}

void Worker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Worker::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Worker::Run(const std::function<absl::Duration()>& task) {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      woken_ = false;
    }
    const absl::Duration pause = task();
    const auto ready = +[](Worker* worker) {
      worker->mutex_.AssertReaderHeld();
      return worker->woken_ || worker->stopping_;
    };
    absl::MutexLock lock(&mutex_);
    clock_.AwaitFor(mutex_, absl::Condition(ready, this), pause);
  }
}

}  // namespace keyward::encryption
