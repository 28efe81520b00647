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
  // UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& listen,
                                                              const Metrics& metrics);

  int port() const { return exposer_->GetListeningPorts().front(); }

 private:
  explicit MetricsServer(std::unique_ptr<prometheus::Exposer> exposer)
      : exposer_(std::move(exposer)) {}

  const std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_METRICS_SERVER_H_
