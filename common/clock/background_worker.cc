#include "common/clock/background_worker.h"

#include <utility>

namespace keyward::clock {

void BackgroundWorker::Start(Task task) {
  thread_ = std::thread([this, task = std::move(task)] { Run(task); });
}

void BackgroundWorker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void BackgroundWorker::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

bool BackgroundWorker::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void BackgroundWorker::Run(const Task& task) {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      woken_ = false;
    }
    const absl::Duration pause = task();
    const auto ready = +[](BackgroundWorker* worker) {
      worker->mutex_.AssertReaderHeld();
      return worker->woken_ || worker->stopping_;
    };
    absl::MutexLock lock(&mutex_);
    clock_.AwaitFor(mutex_, absl::Condition(ready, this), pause);
  }
}

}  // namespace keyward::clock
