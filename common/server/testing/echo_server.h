#ifndef KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVER_H_
#define KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/impl/service_type.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/audit/audit_log.h"
#include "common/audit/audit_service.h"
#include "common/auth/authenticator.h"
#include "common/auth/authorizer.h"
#include "common/auth/principal_directory.h"
#include "common/auth/testing/test_identities.h"
#include "common/auth/token_verifier.h"
#include "common/server/dispatcher.h"
#include "common/server/metrics.h"
#include "common/server/server.h"
#include "common/server/testing/echo_service.h"
#include "common/server/testing/test_authority.h"
#include "common/storage/database.h"

namespace keyward::server::testing {

// Everything below "things/" lies in "shelves/1"; nothing else exists.
class ShelfHierarchy final : public auth::ResourceHierarchy {
 public:
  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override;
};

// Lets operator alice wrap with "keys/1".
class OneKeyChecker final : public auth::KeyPermissionChecker {
 public:
  absl::Status Check(const auth::Caller& caller, absl::string_view resource,
                     absl::string_view key_permission) override;
};

// A real server on loopback, over TLS of a test authority and with a database in a folder of its
// own. Its name is "echo".
class EchoServer {
 public:
  struct Options {
    Dispatcher::Options dispatcher = {.workers = 4, .queue = 64};
    absl::Duration drain_timeout = absl::Seconds(10);
    std::function<bool()> ready = [] { return true; };
    // Where Relay goes.
    std::shared_ptr<grpc::Channel> next;
    // Served beside EchoService.
    std::vector<grpc::Service*> more_services;
  };

  // Opens all but the port.
  EchoServer(TestAuthority& authority, Options options);

  // Listens. With an error, nothing does.
  absl::Status Start();

  // A channel to it with these certificates, which must be those of the server's authority or not,
  // as the test wants.
  std::shared_ptr<grpc::Channel> Channel(const TlsFiles& files) const;
  std::unique_ptr<EchoService::Stub> Stub(const TlsFiles& files) const {
    return EchoService::NewStub(Channel(files));
  }

  // The audit entries, newest first.
  std::vector<audit::v1::AuditEntry> AuditEntries() const;

  // Whether rights can be checked now.
  void SetFresh(bool fresh) { fresh_ = fresh; }

  ServerOptions& server_options() { return server_options_; }
  Server& server() { return *server_; }
  Gate& gate() { return gate_; }
  auth::testing::TestIdentities& identities() { return *identities_; }

 private:
  const Options options_;
  TestFolder folder_;
  ServerOptions server_options_;
  std::atomic<bool> fresh_ = true;
  std::unique_ptr<storage::Database> database_;
  auth::PrincipalDirectory directory_;
  std::unique_ptr<auth::testing::TestIdentities> identities_;
  ShelfHierarchy hierarchy_;
  OneKeyChecker key_checker_;
  Metrics metrics_;
  Gate gate_;
  std::unique_ptr<auth::TokenVerifier> tokens_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<auth::Authorizer> authorizer_;
  std::unique_ptr<audit::AuditLog> audit_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<EchoServiceImpl> echo_;
  std::unique_ptr<audit::AuditServiceImpl> audit_service_;
  std::unique_ptr<Server> server_;
};

}  // namespace keyward::server::testing

#endif  // KEYWARD_COMMON_SERVER_TESTING_ECHO_SERVER_H_
