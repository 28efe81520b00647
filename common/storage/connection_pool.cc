#include "common/storage/connection_pool.h"

#include <utility>

namespace keyward::storage {

absl::StatusOr<std::unique_ptr<Connection>> ConnectionPool::Acquire() {
  {
    absl::MutexLock lock(&mutex_);
    const auto some_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ > 0; };
    mutex_.Await(absl::Condition(&some_free));
    --free_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(engine_);
  if (!connection.ok()) {
    absl::MutexLock lock(&mutex_);
    ++free_;
  }
  return connection;
}

void ConnectionPool::Release(std::unique_ptr<Connection> connection) {
  std::vector<std::unique_ptr<Connection>> closing;
  absl::MutexLock lock(&mutex_);
  ++free_;
  if (connection->lost()) {
    closing.swap(idle_);
    closing.push_back(std::move(connection));
  } else {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace keyward::storage
