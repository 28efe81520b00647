#include "common/server/application.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "common/server/log.h"
#include "common/server/process.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

ServerParts PartsOf(Foundation& foundation, Application& application,
                    std::vector<grpc::Service*> services) {
  ServerParts parts;
  parts.services = std::move(services);
  parts.dispatcher = &foundation.dispatcher();
  parts.metrics = &foundation.metrics();
  parts.ready = [&] { return foundation.AllFresh() && application.ready(); };
  parts.on_drained = [&] { foundation.feed().Shutdown(); };
  return parts;
}

int Fail(const absl::Status& status) {
  Log(Severity::kError, "server.failed", {{"cause", std::string(status.message())}});
  return EXIT_FAILURE;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunningService>> RunningService::Start(
    absl::string_view service, const ServerOptions& options,
    absl::Span<const storage::Schema> schemas, const CreateApplication& create,
    clock::Clock& clock) {
  KW_RETURN_IF_ERROR(CheckEnvironment(options));
  auto running = absl::WrapUnique(new RunningService());
  KW_ASSIGN_OR_RETURN(running->foundation_,
                      Foundation::Open(std::string(service), options, schemas, clock));
  Foundation& foundation = *running->foundation_;
  KW_ASSIGN_OR_RETURN(running->application_, create(foundation));
  running->event_pruner_ = std::make_unique<events::EventPruner>(
      foundation.database(), clock,
      events::EventPruner::Options{.retention = options.event_retention,
                                   .bound = options.event_retention_bound});
  running->event_service_ =
      std::make_unique<events::EventServiceImpl>(foundation.feed(), foundation.dispatcher());
  running->audit_service_ =
      std::make_unique<audit::AuditServiceImpl>(foundation.database(), foundation.dispatcher());
  KW_RETURN_IF_ERROR(foundation.StartFollowing());
  running->application_->Start();
  running->event_pruner_->Start();
  std::vector<grpc::Service*> services = running->application_->services();
  services.push_back(running->event_service_.get());
  services.push_back(running->audit_service_.get());
  if (Rewrapper* rewrapper = foundation.rewrapper(); rewrapper != nullptr) {
    rewrapper->Start();
    running->root_key_service_ =
        std::make_unique<RootKeyServiceImpl>(*rewrapper, foundation.dispatcher());
    services.push_back(running->root_key_service_.get());
  }
  KW_ASSIGN_OR_RETURN(
      running->server_,
      Server::Start(options, PartsOf(foundation, *running->application_, std::move(services))));
  return running;
}

RunningService::~RunningService() {
  if (server_ != nullptr) server_->Drain();
  if (event_pruner_ != nullptr) event_pruner_->Stop();
  if (application_ != nullptr) application_->Stop();
  if (foundation_ != nullptr && foundation_->rewrapper() != nullptr) {
    foundation_->rewrapper()->Stop();
  }
  if (foundation_ != nullptr) foundation_->StopFollowing();
}

int Main(int argc, char** argv, absl::string_view service,
         absl::Span<const storage::Schema> schemas, const CreateApplication& create) {
  const ServerOptions options = ParseFlags(argc, argv);
  BlockShutdownSignals();
  StopSearchForDeadlocks();
  if (const absl::Status status = DisableCoreDumps(); !status.ok()) return Fail(status);
  const absl::StatusOr<std::unique_ptr<RunningService>> running =
      RunningService::Start(service, options, schemas, create, clock::RealClock());
  if (!running.ok()) return Fail(running.status());
  const int signal = AwaitShutdownSignal();
  Log(Severity::kInfo, "server.signal", {{"signal", signal}});
  return EXIT_SUCCESS;
}

}  // namespace keyward::server
