#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TEST_SERVER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TEST_SERVER_H_

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/flags.h"
#include "common/server/testing/test_authority.h"
#include "services/managed_identity/server.h"

namespace keyward::managed_identity {

// A real managed_identity on loopback, over mutual TLS of a test authority, with its database in a
// folder of the test. Operator alice is its first administrator. The base of service tests.
class TestServer : public ::testing::Test {
 protected:
  TestServer();

  // Ends the server and starts it anew over the same database.
  void Restart(
      const std::string& bootstrap_administrator = "spiffe://keyward.local/operator/alice");

  // Starts anew with an HTTPS port, whose certificate is good for "localhost"; says at which port,
  // and which file has the authority that it chains to.
  struct Oidc {
    int port = 0;
    std::string ca;
  };
  Oidc RestartWithOidc(const std::string& issuer);

  // A channel with the certificate of an operator, of a service, or of a workload.
  std::shared_ptr<grpc::Channel> AsOperator(const std::string& name);
  std::shared_ptr<grpc::Channel> AsService(const std::string& name);
  std::shared_ptr<grpc::Channel> AsWorkload(const std::string& name);

  // Calls a method of a stub; gRPC's error comes back as one of ours. `bearer_token`, if any, goes
  // along.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, const std::string& bearer_token = "") {
    grpc::ClientContext context;
    if (!bearer_token.empty()) context.AddMetadata("authorization", "Bearer " + bearer_token);
    Response response;
    const absl::Status status = ToStatus((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

 private:
  static absl::Status ToStatus(const grpc::Status& status);
  std::shared_ptr<grpc::Channel> Channel(const server::TlsFiles& files);

  server::testing::TestAuthority authority_;
  server::testing::TestFolder folder_;
  server::ServerOptions options_;
  Settings settings_;
  std::unique_ptr<server::RunningService> running_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TEST_SERVER_H_
