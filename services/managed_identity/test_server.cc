#include "services/managed_identity/test_server.h"

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/server/channel.h"
#include "common/status/grpc_status.h"

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
        settings_.bootstrap_administrator = bootstrap_administrator;
        return MakeManagedIdentity(foundation, settings_);
      },
      clock::RealClock());
  ASSERT_TRUE(running.ok()) << running.status();
  running_ = *std::move(running);
}

TestServer::Oidc TestServer::RestartWithOidc(const std::string& issuer) {
  const server::TlsFiles tls = authority_.Issue("public", /*uri=*/"");
  settings_.issuer = issuer;
  settings_.oidc_listen = "127.0.0.1:0";
  settings_.oidc_tls_certificate = tls.certificate;
  settings_.oidc_tls_private_key = tls.private_key;
  Restart();
  return {.port = OidcPort(running_->application()), .ca = tls.ca};
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
