#include "common/server/metrics_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <thread>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace keyward::server {
namespace {

// Connects and hangs up; whether that works does not matter.
void Knock(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return;
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection < 0) return;
  [[maybe_unused]] const int result =
      connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(connection);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& listen,
                                                                    const Metrics& metrics) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(listen, 1);
    exposer->RegisterCollectable(metrics.registry());
    return absl::WrapUnique(
        new MetricsServer(listen.substr(0, listen.rfind(':')), std::move(exposer)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("Cannot listen on ", listen, " (--metrics_listen): ", error.what()));
  }
}

MetricsServer::MetricsServer(std::string host, std::unique_ptr<prometheus::Exposer> exposer)
    : host_(std::move(host)),
      exposer_(std::move(exposer)),
      port_(exposer_->GetListeningPorts().front()) {}

MetricsServer::~MetricsServer() {
  // The exposer looks only every two seconds, or at a new connection, whether it shall stop.
  absl::Notification stopped;
  std::thread stopping([&] {
    exposer_.reset();
    stopped.Notify();
  });
  do {
    Knock(host_ == "0.0.0.0" ? "127.0.0.1" : host_, port_);
  } while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(5)));
  stopping.join();
}

}  // namespace keyward::server
