#ifndef KEYWARD_COMMON_STORAGE_CONNECTION_POOL_H_
#define KEYWARD_COMMON_STORAGE_CONNECTION_POOL_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/connection.h"
#include "common/storage/engine.h"

namespace keyward::storage {

// Connections for reading, opened when first needed and then kept. Thread-safe.
class ConnectionPool {
 public:
  // At most `maximum` are in use at a time.
  ConnectionPool(const Engine& engine, int maximum) : engine_(engine), free_(maximum) {}

  // An idle connection, or a new one; waits while too many are in use. To be given back with
  // Release. UNAVAILABLE if the engine does not answer.
  absl::StatusOr<std::unique_ptr<Connection>> Acquire();
  // Takes a connection back; one that is lost is closed, as are the idle ones, which have likely
  // lost the same server.
  void Release(std::unique_ptr<Connection> connection);

 private:
  const Engine& engine_;
  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_CONNECTION_POOL_H_
