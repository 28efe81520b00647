#include "common/server/health_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "common/server/builder_plugins.h"

namespace keyward::server {
namespace {

constexpr std::chrono::seconds kLongestCall{1};

}  // namespace

absl::StatusOr<std::unique_ptr<HealthServer>> HealthServer::Start(const std::string& listen,
                                                                  HealthState& state) {
  std::unique_ptr<HealthServer> health(new HealthServer(state));
  grpc::ServerBuilder builder;
  // The only plaintext listener there is. A kubelet has no client certificate; without plugins
  // nothing but health can be asked here.
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &health->port_);
  builder.SetOption(NoPlugins());
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&health->service_);
  health->server_ = builder.BuildAndStart();
  if (health->server_ == nullptr || health->port_ == 0) {
    return absl::UnavailableError(absl::StrCat("Cannot listen on ", listen, " (--health_listen)."));
  }
  return health;
}

HealthServer::~HealthServer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + kLongestCall);
}

}  // namespace keyward::server
