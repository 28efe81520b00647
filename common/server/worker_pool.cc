#include "common/server/worker_pool.h"

#include <utility>

namespace keyward::server {

WorkerPool::WorkerPool(int workers, int queue) : workers_(workers), capacity_(workers + queue) {}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  // Nothing is added to them any more.
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TrySchedule(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || taken_ >= capacity_) return false;
  ++taken_;
  tasks_.push_back(std::move(task));
  if (taken_ > static_cast<int>(threads_.size()) && taken_ <= workers_) {
    threads_.emplace_back([this] { Work(); });
  }
  return true;
}

void WorkerPool::Work() {
  for (;;) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WorkerPool::HasWork));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    absl::MutexLock lock(&mutex_);
    --taken_;
  }
}

}  // namespace keyward::server
