#include "services/managed_identity/test_server.h"

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/server/channel.h"
#include "common/status/grpc_status.h"
#include "services/managed_identity/server.h"

namespace keyward::managed_identity {

TestServer::TestServer() {
  options_.tls = authority_.IssueService(kServiceName);
  options_.database = absl::StrCat("sqlite:", folder_.path(), "/managed_identity.db");
  options_.root_key_file = folder_.path() + "/root.key";
  Restart();
}

void TestServer::Restart(const std::string& bootstrap_administrator) {
  running_ = nullptr;
  auto running = server::RunningService::Start(
      kServiceName, options_, Schemas(),
      [&](server::Foundation& foundation) {
        return MakeManagedIdentity(foundation,
                                   {.bootstrap_administrator = bootstrap_administrator});
      },
      clock::RealClock());
  ASSERT_TRUE(running.ok()) << running.status();
  running_ = *std::move(running);
}

std::shared_ptr<grpc::Channel> TestServer::AsOperator(const std::string& name) {
  return Channel(authority_.IssueOperator(name));
}

std::shared_ptr<grpc::Channel> TestServer::AsService(const std::string& name) {
  return Channel(authority_.IssueService(name));
}

std::shared_ptr<grpc::Channel> TestServer::AsWorkload(const std::string& name) {
  return Channel(authority_.Issue(name, "spiffe://keyward.local/workload/" + name));
}

std::shared_ptr<grpc::Channel> TestServer::Channel(const server::TlsFiles& files) {
  return server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()), files,
                             auth::ServiceSpiffeId(options_.trust_domain, kServiceName));
}

absl::Status TestServer::ToStatus(const grpc::Status& status) { return FromGrpcStatus(status); }

}  // namespace keyward::managed_identity
