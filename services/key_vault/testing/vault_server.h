#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_SERVER_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/flags.h"
#include "common/server/testing/test_authority.h"
#include "services/key_vault/server.h"
#include "services/key_vault/testing/identity_feed.h"

namespace keyward::key_vault::testing {

// A real key_vault on loopback, over mutual TLS of a test authority, with its database in a folder
// of its own, that follows an IdentityFeed. A fault of the set-up ends the test.
class VaultServer {
 public:
  // The database is a SQLite file in the folder, or the one given.
  explicit VaultServer(const std::string& database = "");

  // Another replica of `first`: on the same database, which must be one that can be shared, with
  // the same root key, after the same IdentityFeed.
  VaultServer(const VaultServer& first, const std::string& replica);

  // Ends the server and starts it anew over the same database; returns once it is ready.
  void Restart();

  // A channel with the certificate of an operator, or of a service.
  std::shared_ptr<grpc::Channel> AsOperator(const std::string& name);
  std::shared_ptr<grpc::Channel> AsService(const std::string& name);

  // Calls a method of a stub; gRPC's error comes back as one of ours. `bearer_token`, if any, goes
  // along.
  template <typename Stub, typename Request, typename Response>
  static absl::StatusOr<Response> Call(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request, const std::string& bearer_token = "") {
    grpc::ClientContext context;
    if (!bearer_token.empty()) context.AddMetadata("authorization", "Bearer " + bearer_token);
    Response response;
    const absl::Status status = ToStatus((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  IdentityFeed& identities() { return around_->identities; }
  server::RunningService& running() { return *running_; }
  // What the next Restart goes by.
  server::ServerOptions& options() { return options_; }
  Settings& settings() { return settings_; }

 private:
  static absl::Status ToStatus(const grpc::Status& status);
  std::shared_ptr<grpc::Channel> Channel(const server::TlsFiles& files);

  // What replicas have in common.
  struct Surroundings {
    server::testing::TestAuthority authority;
    server::testing::TestFolder folder;
    IdentityFeed identities{authority};
  };

  std::shared_ptr<Surroundings> around_;
  server::ServerOptions options_;
  Settings settings_;
  std::unique_ptr<server::RunningService> running_;
};

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_VAULT_SERVER_H_
