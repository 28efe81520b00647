#include "services/key_vault/testing/vault_server.h"

#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/server/channel.h"
#include "common/status/grpc_status.h"
#include "services/key_vault/server.h"

namespace keyward::key_vault::testing {

VaultServer::VaultServer(const std::string& database) : around_(std::make_shared<Surroundings>()) {
  options_.tls = around_->authority.IssueService(kServiceName);
  options_.database =
      database.empty() ? absl::StrCat("sqlite:", around_->folder.path(), "/vault.db") : database;
  options_.root_key_file = absl::StrCat(around_->folder.path(), "/root.key");
  options_.managed_identity = around_->identities.target();
  Restart();
}

VaultServer::VaultServer(const VaultServer& first, const std::string& replica)
    : around_(first.around_), options_(first.options_), settings_(first.settings_) {
  options_.replica = replica;
  Restart();
}

void VaultServer::Restart() {
  running_ = nullptr;
  auto running = server::RunningService::Start(
      kServiceName, options_, Schemas(),
      [this](server::Foundation& foundation) { return MakeKeyVault(foundation, settings_); },
      clock::RealClock());
  if (!running.ok()) {
    std::cerr << running.status() << "\n";
    std::abort();
  }
  running_ = *std::move(running);
  // From then on, whoever waits for the delivery of an identity event waits for the vault too.
  while (!running_->foundation().AllFresh()) std::this_thread::yield();
}

std::shared_ptr<grpc::Channel> VaultServer::AsOperator(const std::string& name) {
  return Channel(around_->authority.IssueOperator(name));
}

std::shared_ptr<grpc::Channel> VaultServer::AsService(const std::string& name) {
  return Channel(around_->authority.IssueService(name));
}

std::shared_ptr<grpc::Channel> VaultServer::Channel(const server::TlsFiles& files) {
  return server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()), files,
                             auth::ServiceSpiffeId(options_.trust_domain, kServiceName));
}

absl::Status VaultServer::ToStatus(const grpc::Status& status) { return FromGrpcStatus(status); }

}  // namespace keyward::key_vault::testing
