#ifndef KEYWARD_COMMON_SERVER_SERVER_H_
#define KEYWARD_COMMON_SERVER_SERVER_H_

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/server/dispatcher.h"
#include "common/server/flags.h"
#include "common/server/metrics.h"

namespace keyward::server {

// What a server serves.
struct ServerParts {
  // All gRPC services; their adapters go through `dispatcher`. They must outlive the server.
  std::vector<grpc::Service*> services;
  Dispatcher* dispatcher = nullptr;
  Metrics* metrics = nullptr;
  // Health says NOT_SERVING until this has been true once, such as "every feed was fresh once".
  std::function<bool()> ready = [] { return true; };
  // Called while the server drains, once no call runs but endless streams or the drain timeout is
  // over: ends what calls may be waiting for.
  std::function<void()> on_drained = [] {};
};

// What must hold before anything else happens: the cryptographic self-test passes, the files can be
// read, and no private key or root key by others. The error says what is wrong and how to mend it.
absl::Status CheckEnvironment(const ServerOptions& options);

// One listening server: gRPC over mutual TLS 1.3 with health, reflection and channelz; a plaintext
// port with health alone; Prometheus metrics on a third. Files of certificates are read again when
// they change. Thread-safe.
class Server {
 public:
  // Checks the environment, then listens. Stays up only if every method says who may call it.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       ServerParts parts);

  // Drains.
  ~Server();

  // The ports chosen where the options said 0.
  int port() const;
  int health_port() const;
  int metrics_port() const;

  // Whether health says SERVING.
  bool serving() const;

  // Takes no new calls, tells health, lets calls in flight finish within the drain timeout, then
  // cancels what is left. Returns when all is over.
  void Drain();

 private:
  class Impl;

  explicit Server(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_SERVER_H_
