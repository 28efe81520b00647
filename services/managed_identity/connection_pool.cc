#include "services/managed_identity/connection_pool.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace keyward::managed_identity {

ConnectionPool::ConnectionPool(int threads, int queue, absl::Duration limit, size_t most_bytes)
    : queue_limit_(static_cast<size_t>(queue)), limit_(limit), most_bytes_(most_bytes) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  watch_ = std::thread([this] { Watch(); });
}

void ConnectionPool::Add(std::function<void()> serve) {
  {
    absl::MutexLock lock(&mutex_);
    const auto has_room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return stopping_ || queue_.size() < queue_limit_;
    };
    mutex_.Await(absl::Condition(&has_room));
    if (!stopping_) {
      queue_.push_back(std::move(serve));
      return;
    }
  }
  Serve(serve);
}

void ConnectionPool::Began(int socket) {
  const int duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  absl::MutexLock lock(&mutex_);
  Connection& connection = connections_[std::this_thread::get_id()];
  // A handshake may begin twice on one connection.
  if (connection.socket >= 0 && duplicate >= 0) close(std::exchange(connection.socket, -1));
  connection.socket = duplicate;
  if (connection.end == absl::Time()) connection.end = absl::Now() + limit_;
  if (stopping_) CutOff(connection);
}

void ConnectionPool::Received(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  const auto connection = connections_.find(std::this_thread::get_id());
  if (connection == connections_.end()) return;
  connection->second.received += bytes;
  if (connection->second.received > most_bytes_) CutOff(connection->second);
}

void ConnectionPool::Cancel() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (const auto& [thread, connection] : connections_) CutOff(connection);
}

void ConnectionPool::Stop() {
  Cancel();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  if (watch_.joinable()) watch_.join();
}

void ConnectionPool::Work() {
  while (true) {
    std::function<void()> serve;
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !queue_.empty();
      };
      mutex_.Await(absl::Condition(&ready));
      // What waits is served even when stopping, for that is what closes its socket.
      if (queue_.empty()) return;
      serve = std::move(queue_.front());
      queue_.pop_front();
    }
    Serve(serve);
  }
}

void ConnectionPool::Serve(const std::function<void()>& serve) {
  serve();
  absl::MutexLock lock(&mutex_);
  const auto served = connections_.find(std::this_thread::get_id());
  if (served == connections_.end()) return;
  if (served->second.socket >= 0) close(served->second.socket);
  connections_.erase(served);
}

void ConnectionPool::Watch() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Time now = absl::Now();
    for (const auto& [thread, connection] : connections_) {
      if (connection.end <= now) CutOff(connection);
    }
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_),
                            std::min<absl::Duration>(limit_ / 4, absl::Seconds(1)));
  }
}

void ConnectionPool::CutOff(const Connection& connection) {
  if (connection.socket >= 0) shutdown(connection.socket, SHUT_RDWR);
}

}  // namespace keyward::managed_identity
