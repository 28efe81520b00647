#ifndef KEYWARD_COMMON_SERVER_METRICS_H_
#define KEYWARD_COMMON_SERVER_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

namespace keyward::server {

// The metrics of one server, as its HTTP port shows them to Prometheus. Names start with
// "keyward_". Asking twice for the same name and labels gives the same metric; keep the reference
// where speed matters. Labels must be few and bounded: no resource names, no principals.
// Thread-safe.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();

  prometheus::Counter& Counter(const std::string& name, const std::string& help,
                               const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help,
                           const Labels& labels = {});
  // A histogram of seconds, from 100 µs to 30 s.
  prometheus::Histogram& Latency(const std::string& name, const std::string& help,
                                 const Labels& labels = {});

  // For the exposer.
  std::shared_ptr<prometheus::Registry> registry() const { return registry_; }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_METRICS_H_
