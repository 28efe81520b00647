#ifndef KEYWARD_COMMON_SERVER_HEALTH_SERVER_H_
#define KEYWARD_COMMON_SERVER_HEALTH_SERVER_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/server/health.h"

namespace keyward::server {

// The plaintext port for probes that cannot do mutual TLS (Kubernetes). It carries
// grpc.health.v1.Health and nothing else. Thread-safe.
class HealthServer {
 public:
  // `state` must outlive this. UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<HealthServer>> Start(const std::string& listen,
                                                             HealthState& state);
  // Lets calls finish that do so at once (HealthState::EndWatches comes first), and cancels others.
  ~HealthServer();

  int port() const { return port_; }

 private:
  explicit HealthServer(HealthState& state) : service_(state) {}

  HealthService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_HEALTH_SERVER_H_
