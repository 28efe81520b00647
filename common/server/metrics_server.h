#ifndef KEYWARD_COMMON_SERVER_METRICS_SERVER_H_
#define KEYWARD_COMMON_SERVER_METRICS_SERVER_H_

#include <prometheus/exposer.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/server/metrics.h"

namespace keyward::server {

// The HTTP port that shows Metrics to Prometheus, under /metrics. Thread-safe.
class MetricsServer {
 public:
  // `listen` is host:port, the host an address. UNAVAILABLE if it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& listen,
                                                              const Metrics& metrics);
  ~MetricsServer();

  int port() const { return port_; }

 private:
  MetricsServer(std::string host, std::unique_ptr<prometheus::Exposer> exposer);

  const std::string host_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_METRICS_SERVER_H_
