// The service as others meet it: a real server over mutual TLS, called through its stubs, with
// peers over gRPC and their feeds.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/server/application.h"
#include "common/server/channel.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "keyward/encryption/v1/settings.grpc.pb.h"
#include "keyward/events/v1/events.grpc.pb.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/server.h"
#include "services/encryption/testing/peer_server.h"
#include "services/encryption/testing/peer_services.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kKey[] = "vaults/v/keys/k";
constexpr char kSubscription[] = "subscriptions/sub";

// Waits until `condition` holds; false if it does not for a long time.
bool Eventually(const std::function<bool()>& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

class EncryptionServiceTest : public ::testing::Test {
 protected:
  EncryptionServiceTest()
      : identities_(clock::RealClock()),
        key_vault_(identities_),
        identity_service_(identities_),
        token_service_(identities_),
        key_service_(key_vault_),
        cryptography_service_(key_vault_),
        usage_service_(key_vault_),
        identity_server_(authority_, "managed_identity", {&identity_service_, &token_service_}),
        vault_server_(authority_, "key_vault",
                      {&key_service_, &cryptography_service_, &usage_service_}) {
    identities_.feed().SetConsumer(
        [this](const events::v1::Event& event) { identity_server_.Publish(event); });
    key_vault_.feed().SetConsumer(
        [this](const events::v1::Event& event) { vault_server_.Publish(event); });
    GiveRole("operator/alice", identity::v1::ROLE_ADMINISTRATOR, "/");
    GiveRole("operator/reader", identity::v1::ROLE_READER, "/");
    identities_.CreateSubscription(kSubscription, "tenants/contoso");
    key_vault_.CreateVault("vaults/v", "tenants/contoso", "westeurope");
    version_ = key_vault_.CreateKey(kKey);
    Start();
  }

  void Start() {
    server::ServerOptions options;
    options.tls = authority_.IssueService(kServiceName);
    options.database = absl::StrCat("sqlite:", folder_.path(), "/encryption.db");
    options.root_key_file = absl::StrCat(folder_.path(), "/root.key");
    options.managed_identity = identity_server_.target();
    auto running = server::RunningService::Start(
        kServiceName, options, Schemas(),
        [this](server::Foundation& foundation) {
          return MakeEncryption(foundation, {.key_vault = vault_server_.target()});
        },
        clock::RealClock());
    ASSERT_TRUE(running.ok()) << running.status();
    running_ = *std::move(running);
    ASSERT_TRUE(Eventually([&] { return running_->foundation().AllFresh(); }));
  }

  void GiveRole(const std::string& who, identity::v1::Role role, const std::string& scope) {
    identity::v1::RoleAssignmentChanged change;
    auto& assignment = *change.mutable_role_assignment();
    assignment.set_name(absl::StrCat("roleAssignments/", ++roles_));
    assignment.set_principal("spiffe://keyward.local/" + who);
    assignment.set_role(role);
    assignment.set_scope(scope);
    identities_.feed().Append("keyward.identity.RoleAssignmentCreated", assignment.name(), change);
  }

  std::shared_ptr<grpc::Channel> Channel(const server::TlsFiles& files) {
    return server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()), files,
                               auth::ServiceSpiffeId("keyward.local", kServiceName));
  }
  std::shared_ptr<grpc::Channel> As(const std::string& name) {
    return Channel(authority_.IssueOperator(name));
  }
  std::shared_ptr<grpc::Channel> AsService(const std::string& name) {
    return Channel(authority_.IssueService(name));
  }

  template <typename Stub, typename Request, typename Response>
  static absl::StatusOr<Response> Call(Stub& stub,
                                       grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                                       const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    Response response;
    const absl::Status status = FromGrpcStatus((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::Account> CreateAccount(const std::shared_ptr<grpc::Channel>& channel) {
    v1::CreateAccountRequest request;
    request.set_account_id("contoso");
    request.mutable_account()->set_subscription(kSubscription);
    request.mutable_account()->set_region("westeurope");
    request.mutable_account()->set_tier("S1");
    return Call(*v1::AccountService::NewStub(channel), &v1::AccountService::Stub::CreateAccount,
                request);
  }
  absl::StatusOr<v1::EncryptionSettings> EnableKey(const std::shared_ptr<grpc::Channel>& channel) {
    v1::EnableCustomerManagedKeyRequest request;
    request.set_account("accounts/contoso");
    request.mutable_customer_key()->set_key(kKey);
    return Call(*v1::EncryptionSettingsService::NewStub(channel),
                &v1::EncryptionSettingsService::Stub::EnableCustomerManagedKey, request);
  }
  absl::StatusOr<v1::GenerateDataKeyResponse> DataKey(
      const std::shared_ptr<grpc::Channel>& channel) {
    v1::GenerateDataKeyRequest request;
    request.set_account("accounts/contoso");
    request.set_scope("uploads");
    request.set_object("doc");
    return Call(*v1::DataService::NewStub(channel), &v1::DataService::Stub::GenerateDataKey,
                request);
  }
  absl::StatusOr<v1::DecryptDataKeyResponse> OpenDataKey(
      const std::shared_ptr<grpc::Channel>& channel, const std::string& header) {
    v1::DecryptDataKeyRequest request;
    request.set_account("accounts/contoso");
    request.set_scope("uploads");
    request.set_object("doc");
    request.set_header(header);
    return Call(*v1::DataService::NewStub(channel), &v1::DataService::Stub::DecryptDataKey,
                request);
  }

  void EnableAndGrant() {
    ASSERT_TRUE(CreateAccount(As("alice")).ok());
    key_vault_.Grant("vaults/v", identities_.EnableIdentity(AccountName::FromTrustedId("contoso")));
    const auto settings = EnableKey(As("alice"));
    ASSERT_TRUE(settings.ok()) << settings.status();
    EXPECT_EQ(settings->key_version_in_use(), version_);
  }

  server::testing::TestAuthority authority_;
  server::testing::TestFolder folder_;
  FakeManagedIdentity identities_;
  FakeKeyVault key_vault_;
  FakeIdentityService identity_service_;
  FakeTokenService token_service_;
  FakeKeyService key_service_;
  FakeCryptographyService cryptography_service_;
  FakeKeyUsageService usage_service_;
  PeerServer identity_server_;
  PeerServer vault_server_;
  std::string version_;
  int roles_ = 0;
  std::unique_ptr<server::RunningService> running_;
};

TEST_F(EncryptionServiceTest, ACustomerKeyGuardsTheAccountUntilItIsTakenAway) {
  EnableAndGrant();
  const auto deployment = AsService("model_deployment");
  const auto made = DataKey(deployment);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->customer_key_version(), version_);
  const auto opened = OpenDataKey(deployment, made->header());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->inner_key(), made->inner_key());

  const int unwraps = key_vault_.unwraps();
  key_vault_.SetEnabled(kKey, false);
  absl::StatusOr<v1::DecryptDataKeyResponse> refused = absl::UnknownError("");
  ASSERT_TRUE(Eventually([&] {
    refused = OpenDataKey(deployment, made->header());
    return !refused.ok();
  }));
  EXPECT_EQ(ErrorReason(refused.status()), "ACCESS_DENIED");
  EXPECT_EQ(ErrorMetadata(refused.status(), "cause"), "KEY_DISABLED");
  EXPECT_EQ(ErrorMetadata(refused.status(), "account"), "accounts/contoso");
  EXPECT_THAT(ErrorMetadata(refused.status(), "event"), ::testing::StartsWith("key_vault/"));
  EXPECT_FALSE(ErrorMetadata(refused.status(), "since").empty());
  EXPECT_EQ(key_vault_.unwraps(), unwraps);

  key_vault_.SetEnabled(kKey, true);
  ASSERT_TRUE(Eventually([&] { return DataKey(deployment).ok(); }));
  EXPECT_EQ(ErrorReason(OpenDataKey(deployment, made->header()).status()), "SCOPE_DESTROYED");
}

TEST_F(EncryptionServiceTest, OnlyThoseMayWhoAreAllowedTo) {
  EXPECT_EQ(ErrorReason(CreateAccount(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(CreateAccount(As("stranger")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(CreateAccount(AsService("model_deployment")).status()), "NOT_AUTHORIZED");
  ASSERT_TRUE(CreateAccount(As("alice")).ok());
  EXPECT_EQ(ErrorReason(EnableKey(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(DataKey(As("reader")).status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(DataKey(AsService("key_vault")).status()), "NOT_AUTHORIZED");
  EXPECT_TRUE(DataKey(AsService("model_deployment")).ok());
  v1::ReportUsageRequest usage;
  usage.set_account("accounts/contoso");
  EXPECT_EQ(ErrorReason(Call(*v1::DataService::NewStub(As("alice")),
                             &v1::DataService::Stub::ReportUsage, usage)
                            .status()),
            "NOT_AUTHORIZED");
  v1::GetAccountRequest get;
  get.set_name("accounts/contoso");
  EXPECT_TRUE(
      Call(*v1::AccountService::NewStub(As("reader")), &v1::AccountService::Stub::GetAccount, get)
          .ok());
  EXPECT_EQ(ErrorReason(Call(*v1::AccountService::NewStub(As("stranger")),
                             &v1::AccountService::Stub::GetAccount, get)
                            .status()),
            "NOT_AUTHORIZED");
}

TEST_F(EncryptionServiceTest, ARoleOnTheTenantReachesItsAccountsAndNoOthers) {
  ASSERT_TRUE(CreateAccount(As("alice")).ok());
  GiveRole("operator/owner", identity::v1::ROLE_ENCRYPTION_OPERATOR, "tenants/contoso");
  GiveRole("operator/foreigner", identity::v1::ROLE_ENCRYPTION_OPERATOR, "tenants/fabrikam");
  v1::GetEncryptionSettingsRequest get;
  get.set_account("accounts/contoso");
  const auto settings_as = [&](const std::string& name) {
    return Call(*v1::EncryptionSettingsService::NewStub(As(name)),
                &v1::EncryptionSettingsService::Stub::GetEncryptionSettings, get);
  };
  EXPECT_TRUE(Eventually([&] { return settings_as("owner").ok(); }));
  EXPECT_EQ(ErrorReason(settings_as("foreigner").status()), "NOT_AUTHORIZED");
}

TEST_F(EncryptionServiceTest, CallsAreAuditedWithTheKeyVersionAndRefusalsToo) {
  EnableAndGrant();
  EXPECT_FALSE(EnableKey(As("reader")).ok());
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("accounts/contoso");
  const auto entries = Call(*audit::v1::AuditService::NewStub(As("alice")),
                            &audit::v1::AuditService::Stub::ListAuditEntries, request);
  ASSERT_TRUE(entries.ok()) << entries.status();
  bool enabled = false, refused = false;
  for (const auto& entry : entries->entries()) {
    if (entry.operation() !=
        "keyward.encryption.v1.EncryptionSettingsService/EnableCustomerManagedKey") {
      continue;
    }
    if (entry.result() == "OK") enabled = entry.details().at("key_version") == version_;
    if (entry.reason() == "NOT_AUTHORIZED") {
      refused = entry.principal() == "spiffe://keyward.local/operator/reader";
    }
  }
  EXPECT_TRUE(enabled);
  EXPECT_TRUE(refused);
}

TEST_F(EncryptionServiceTest, WhatHappenedBeforeARestartStillHolds) {
  EnableAndGrant();
  const auto made = DataKey(AsService("model_deployment"));
  ASSERT_TRUE(made.ok());
  running_.reset();
  Start();
  const auto opened = OpenDataKey(AsService("model_deployment"), made->header());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->outer_key(), made->outer_key());
  running_.reset();
  identities_.DisableIdentity(AccountName::FromTrustedId("contoso"));
  Start();
  const auto refused = OpenDataKey(AsService("model_deployment"), made->header());
  EXPECT_EQ(ErrorMetadata(refused.status(), "cause"), "IDENTITY_DISABLED");
}

TEST_F(EncryptionServiceTest, ItsOwnFeedTellsOfTheLossAndWhatCausedIt) {
  EnableAndGrant();
  const std::string cause = identities_.DisableIdentity(AccountName::FromTrustedId("contoso"));
  events::v1::ListEventsRequest request;
  request.set_subject("accounts/contoso");
  events::v1::Event last;
  ASSERT_TRUE(Eventually([&] {
    const auto events = Call(*events::v1::EventService::NewStub(As("alice")),
                             &events::v1::EventService::Stub::ListEvents, request);
    if (events.ok() && events->events_size() > 0) last = *events->events().rbegin();
    return last.type() == "keyward.encryption.AccessLost";
  }));
  EXPECT_EQ(last.caused_by(), cause);
  audit::v1::ListAuditEntriesRequest audited;
  audited.set_correlation_id(last.correlation_id());
  const auto entries = Call(*audit::v1::AuditService::NewStub(As("alice")),
                            &audit::v1::AuditService::Stub::ListAuditEntries, audited);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->entries_size(), 1);
  EXPECT_EQ(entries->entries(0).operation(), "background/AccessLost");
  EXPECT_EQ(entries->entries(0).details().at("cause"), "IDENTITY_DISABLED");
  EXPECT_EQ(entries->entries(0).details().at("event"), cause);
  EXPECT_EQ(last.source(), "encryption");
}

}  // namespace
}  // namespace keyward::encryption::testing
