#include "services/model_deployment/background_worker.h"

namespace keyward::model_deployment {

namespace {
// A wait has to have an end on the clock; at this one nothing is to do and it waits again.
constexpr absl::Duration kLongestWait = absl::Hours(24);
}  // namespace

void BackgroundWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void BackgroundWorker::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void BackgroundWorker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool BackgroundWorker::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void BackgroundWorker::Run() {
  absl::Duration wait = absl::ZeroDuration();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      auto awake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || woken_; };
      bool woken = clock_.AwaitFor(mutex_, absl::Condition(&awake), std::min(wait, kLongestWait));
      if (stopping_) return;
      if (!woken && wait == absl::InfiniteDuration()) continue;
      woken_ = false;
    }
    wait = step_();
  }
}

}  // namespace keyward::model_deployment
