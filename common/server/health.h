#ifndef KEYWARD_COMMON_SERVER_HEALTH_H_
#define KEYWARD_COMMON_SERVER_HEALTH_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace keyward::server {

class HealthWatcher;

// Whether a server serves, for all its services alike: SERVING or NOT_SERVING, from NOT_SERVING on.
// Thread-safe.
class HealthState {
 public:
  // Says which services the server has. Before any RPC.
  void SetServices(const std::vector<std::string>& services);

  void SetServing(bool serving);
  bool serving() const;

  // Ends every Watch, those that come later too. For a server that drains.
  void EndWatches();

  // The state of a service by full name ("": the whole server); SERVICE_UNKNOWN if there is none.
  grpc::health::v1::HealthCheckResponse::ServingStatus Find(const std::string& service) const;

 private:
  friend class HealthWatcher;

  // Returns whether watches go on.
  bool Add(HealthWatcher* watcher);
  void Remove(HealthWatcher* watcher);

  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::string> services_ ABSL_GUARDED_BY(mutex_);
  // Held while watchers are told, so that one does not go away meanwhile.
  absl::Mutex watchers_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  absl::flat_hash_set<HealthWatcher*> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
  bool ended_ ABSL_GUARDED_BY(watchers_mutex_) = false;
};

// grpc.health.v1.Health over a HealthState, compiled from protos/grpc so that reflection
// can describe it. Open to every client that gets this far; it tells nothing but the state.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  explicit HealthService(HealthState& state) : state_(state) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  HealthState& state_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_HEALTH_H_
