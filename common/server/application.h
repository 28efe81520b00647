#ifndef KEYWARD_COMMON_SERVER_APPLICATION_H_
#define KEYWARD_COMMON_SERVER_APPLICATION_H_

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/audit/audit_service.h"
#include "common/clock/clock.h"
#include "common/events/event_pruner.h"
#include "common/events/event_service.h"
#include "common/server/flags.h"
#include "common/server/foundation.h"
#include "common/server/root_key_service.h"
#include "common/server/server.h"
#include "common/storage/migration.h"

namespace keyward::server {

// One service: its stores, handlers and adapters, wired over a Foundation.
class Application {
 public:
  virtual ~Application() = default;

  // The adapters. EventService, AuditService and RootKeyService come by themselves.
  virtual std::vector<grpc::Service*> services() = 0;

  // Begins background work; called once the followers run and before the server listens.
  virtual void Start() {}
  // Ends background work; called once the server has drained.
  virtual void Stop() {}
  // Whether health may say SERVING, as far as the service itself knows; feeds are seen to already.
  virtual bool ready() { return true; }
};

// Makes the service; calls Foundation::MakeDispatcher, and Follow for each feed it needs.
using CreateApplication =
    std::function<absl::StatusOr<std::unique_ptr<Application>>(Foundation& foundation)>;

// A service as it runs: foundation, application and listening server. Thread-safe.
class RunningService {
 public:
  // Starts all of it; the error says what is wrong and how to mend it. `service` is such as
  // "key_vault".
  static absl::StatusOr<std::unique_ptr<RunningService>> Start(
      absl::string_view service, const ServerOptions& options,
      absl::Span<const storage::Schema> schemas, const CreateApplication& create,
      clock::Clock& clock);
  // Drains, then stops what runs in the background.
  ~RunningService();

  Server& server() { return *server_; }
  Foundation& foundation() { return *foundation_; }
  Application& application() { return *application_; }

 private:
  RunningService() = default;

  // In this order, so that they end in the other one.
  std::unique_ptr<Foundation> foundation_;
  std::unique_ptr<Application> application_;
  std::unique_ptr<events::EventPruner> event_pruner_;
  std::unique_ptr<events::EventServiceImpl> event_service_;
  std::unique_ptr<audit::AuditServiceImpl> audit_service_;
  // Null for a service without a root key.
  std::unique_ptr<RootKeyServiceImpl> root_key_service_;
  std::unique_ptr<Server> server_;
};

// The whole of main: parses the flags, forbids core dumps, tests the cryptographic module, wires,
// and serves until SIGTERM. Returns the exit code; the log says why it is not 0.
int Main(int argc, char** argv, absl::string_view service,
         absl::Span<const storage::Schema> schemas, const CreateApplication& create);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_APPLICATION_H_
