#include "common/server/server.h"

#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/crypto/self_test.h"
#include "common/server/builder_plugins.h"
#include "common/server/file_checks.h"
#include "common/server/grpc_log.h"
#include "common/server/health.h"
#include "common/server/health_server.h"
#include "common/server/log.h"
#include "common/server/method_rules.h"
#include "common/server/metrics_server.h"
#include "common/server/server_credentials.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

constexpr absl::Duration kReadinessInterval = absl::Milliseconds(50);
// Streams use the sync API: one thread each.
constexpr int kMaxSyncThreads = 512;

void Configure(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Our own channels ping every ten seconds (channel.cc).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  grpc::ResourceQuota quota("keyward");
  quota.SetMaxThreads(kMaxSyncThreads);
  builder.SetResourceQuota(quota);
}

}  // namespace

absl::Status CheckEnvironment(const ServerOptions& options) {
  KW_RETURN_IF_ERROR(crypto::RunSelfTest());
  KW_RETURN_IF_ERROR(CheckTlsFiles(options.tls));
  // A service makes its root key when there is none yet.
  const std::string& root_key = options.root_key_file;
  if (root_key.empty() || access(root_key.c_str(), F_OK) != 0) return absl::OkStatus();
  return CheckPrivate("--root_key_file", root_key);
}

class Server::Impl {
 public:
  Impl(const ServerOptions& options, ServerParts parts)
      : options_(options), parts_(std::move(parts)), health_service_(health_) {}

  ~Impl() { Drain(); }

  absl::Status Start() {
    KW_ASSIGN_OR_RETURN(metrics_server_,
                        MetricsServer::Start(options_.metrics_listen, *parts_.metrics));
    std::vector<std::string> names;
    KW_RETURN_IF_ERROR(StartMain(names));
    health_.SetServices(names);
    KW_ASSIGN_OR_RETURN(health_server_, HealthServer::Start(options_.health_listen, health_));
    // Every call goes through the dispatcher, which refuses such methods one by one as well.
    KW_RETURN_IF_ERROR(VerifyEveryMethodIsAuthorized(names));
    readiness_ = std::thread([this] { AwaitReadiness(); });
    Log(Severity::kInfo, "server.listening",
        {{"port", port_},
         {"health_port", health_server_->port()},
         {"metrics_port", metrics_server_->port()},
         {"crypto_module", crypto::ModuleVersion()}});
    return absl::OkStatus();
  }

  void Drain() {
    {
      absl::MutexLock lock(&mutex_);
      if (std::exchange(draining_, true)) {
        mutex_.Await(absl::Condition(&drained_));
        return;
      }
    }
    if (readiness_.joinable()) readiness_.join();
    health_.SetServing(false);
    if (server_ != nullptr) DrainMain();
    health_server_.reset();
    absl::MutexLock lock(&mutex_);
    drained_ = true;
  }

  int port() const { return port_; }
  int health_port() const { return health_server_->port(); }
  int metrics_port() const { return metrics_server_->port(); }
  bool serving() const { return health_.serving(); }

 private:
  absl::Status StartMain(std::vector<std::string>& names) {
    // Reflection adds itself by being linked.
    grpc::channelz::experimental::InitChannelzService();
    grpc::ServerBuilder builder;
    Configure(builder);
    builder.AddListeningPort(options_.listen, MakeServerCredentials(options_.tls), &port_);
    builder.SetOption(ListServices(names));
    builder.RegisterService(&health_service_);
    for (grpc::Service* service : parts_.services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(absl::StrCat("Cannot listen on ", options_.listen, "."));
    }
    return absl::OkStatus();
  }

  void AwaitReadiness() {
    absl::MutexLock lock(&mutex_);
    while (!draining_) {
      if (parts_.ready()) {
        health_.SetServing(true);
        Log(Severity::kInfo, "server.ready", {{"port", port_}});
        return;
      }
      mutex_.AwaitWithTimeout(absl::Condition(&draining_), kReadinessInterval);
    }
  }

  // Calls may wait for what only streams bring (an acknowledgement of a feed), so streams that
  // never end are cancelled after all other calls have.
  void DrainMain() {
    Log(Severity::kInfo, "server.draining", {{"port", port_}});
    const absl::Time deadline = absl::Now() + options_.drain_timeout;
    std::thread shutdown([&] { server_->Shutdown(absl::ToChronoTime(deadline)); });
    const bool finished = parts_.dispatcher->AwaitFiniteCalls(deadline);
    parts_.on_drained();
    parts_.dispatcher->CancelEndlessStreams();
    health_.EndWatches();
    shutdown.join();
    Log(Severity::kInfo, "server.drained", {{"port", port_}, {"all_calls_finished", finished}});
  }

  const ServerOptions options_;
  ServerParts parts_;
  HealthState health_;
  HealthService health_service_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<HealthServer> health_server_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::thread readiness_;
  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool drained_ ABSL_GUARDED_BY(mutex_) = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      ServerParts parts) {
  RouteGrpcLog();
  KW_RETURN_IF_ERROR(CheckEnvironment(options));
  auto impl = std::make_unique<Impl>(options, std::move(parts));
  KW_RETURN_IF_ERROR(impl->Start());
  return absl::WrapUnique(new Server(std::move(impl)));
}

int Server::port() const { return impl_->port(); }
int Server::health_port() const { return impl_->health_port(); }
int Server::metrics_port() const { return impl_->metrics_port(); }
bool Server::serving() const { return impl_->serving(); }
void Server::Drain() { impl_->Drain(); }

}  // namespace keyward::server
