#include "common/server/testing/echo_server.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/audit/audit_store.h"
#include "common/auth/errors.h"
#include "common/auth/spiffe_id.h"

namespace keyward::server::testing {
namespace {

constexpr char kTrustDomain[] = "keyward.local";
constexpr char kName[] = "echo";

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::abort();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ShelfHierarchy::Ancestors(absl::string_view resource) {
  if (!absl::StartsWith(resource, "things/")) {
    return std::vector<std::string>{std::string(resource), "/"};
  }
  return std::vector<std::string>{std::string(resource), "shelves/1", "/"};
}

absl::Status OneKeyChecker::Check(const auth::Caller& caller, absl::string_view resource,
                                  absl::string_view key_permission) {
  const bool allowed =
      caller.name == "alice" && resource == "keys/1" && key_permission == "wrapKey";
  return allowed ? absl::OkStatus() : auth::NotAuthorized();
}

EchoServer::EchoServer(TestAuthority& authority, Options options) : options_(std::move(options)) {
  server_options_.tls = authority.IssueService(kName);
  server_options_.drain_timeout = options_.drain_timeout;
  auto database = storage::Database::Open(absl::StrCat("sqlite:", folder_.path(), "/echo.db"),
                                          {auth::AuthSchema(), audit::AuditSchema()});
  Check(database.status());
  database_ = *std::move(database);
  identities_ =
      std::make_unique<auth::testing::TestIdentities>(*database_, directory_, clock::RealClock());
  const auth::FreshnessCheck fresh = [this] {
    return fresh_ ? absl::OkStatus() : auth::IdentityFeedStale();
  };
  tokens_ = std::make_unique<auth::TokenVerifier>(kName, directory_, clock::RealClock());
  authenticator_ = std::make_unique<auth::Authenticator>(kTrustDomain, *tokens_, fresh);
  authorizer_ = std::make_unique<auth::Authorizer>(directory_, hierarchy_, &key_checker_, fresh);
  audit_ = std::make_unique<audit::AuditLog>(*database_);
  dispatcher_ = std::make_unique<Dispatcher>(options_.dispatcher, *authenticator_, *authorizer_,
                                             *audit_, metrics_, clock::RealClock());
  echo_ = std::make_unique<EchoServiceImpl>(*dispatcher_, gate_, options_.next);
  audit_service_ = std::make_unique<audit::AuditServiceImpl>(*database_, *dispatcher_);
}

absl::Status EchoServer::Start() {
  ServerParts parts;
  parts.services = options_.more_services;
  parts.services.push_back(echo_.get());
  parts.services.push_back(audit_service_.get());
  parts.dispatcher = dispatcher_.get();
  parts.metrics = &metrics_;
  parts.ready = options_.ready;
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(server_options_, parts);
  if (server.ok()) server_ = *std::move(server);
  return server.status();
}

std::shared_ptr<grpc::Channel> EchoServer::Channel(const TlsFiles& files) const {
  return MakeChannel(absl::StrCat("127.0.0.1:", server_->port()), files,
                     auth::ServiceSpiffeId(kTrustDomain, kName));
}

std::vector<audit::v1::AuditEntry> EchoServer::AuditEntries() const {
  std::vector<audit::v1::AuditEntry> entries;
  Check(database_->Read([&](storage::Transaction& tx) -> absl::Status {
    auto read = audit::ReadEntries(tx, {}, 0, 1000);
    if (read.ok()) entries = *std::move(read);
    return read.status();
  }));
  return entries;
}

}  // namespace keyward::server::testing
