#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_CONNECTION_POOL_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_CONNECTION_POOL_H_

#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace keyward::managed_identity {

// The threads that serve the connections of an HttpsListener, one each, for a limited time: what
// lasts longer is cut off. Thread-safe.
class ConnectionPool {
 public:
  ConnectionPool(int threads, int queue, absl::Duration limit, size_t most_bytes);
  // Stops.
  ~ConnectionPool() { Stop(); }

  // Has a thread serve a connection, soon; waits while the queue is full. After
  // Cancel, serves it here, and cuts it off at once: serving is what closes its socket.
  void Add(std::function<void()> serve);

  // By whoever serves, on its thread: this is the socket of the connection.
  void Began(int socket);

  // By whoever serves, on its thread: so many bytes came. Cuts the connection off once they are
  // more than `most_bytes` in all.
  void Received(size_t bytes);

  // Cuts off what is served, what waits and what is added from now on.
  void Cancel();
  // Cancels, and returns when all threads have ended. By one thread at a time.
  void Stop();

 private:
  struct Connection {
    // A duplicate, so that it is this connection's until it is closed here.
    int socket = -1;
    absl::Time end;
    size_t received = 0;
  };

  void Work();
  void Serve(const std::function<void()>& serve);
  void Watch();
  void CutOff(const Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t queue_limit_;
  const absl::Duration limit_;
  const size_t most_bytes_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  std::map<std::thread::id, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
  std::thread watch_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_CONNECTION_POOL_H_
