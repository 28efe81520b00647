#ifndef KEYWARD_SERVICES_ENCRYPTION_TESTING_SERVICE_FIXTURE_H_
#define KEYWARD_SERVICES_ENCRYPTION_TESTING_SERVICE_FIXTURE_H_

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
#include "common/status/grpc_status.h"
#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "keyward/encryption/v1/settings.grpc.pb.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/server.h"
#include "services/encryption/testing/peer_server.h"
#include "services/encryption/testing/peer_services.h"

namespace keyward::encryption::testing {

inline constexpr char kServiceKey[] = "vaults/v/keys/k";
inline constexpr char kServiceSubscription[] = "subscriptions/sub";

// Waits until `condition` holds; false if it does not for a long time.
inline bool Eventually(const std::function<bool()>& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

// The service as others meet it: a real server over mutual TLS, called through its stubs, with
// peers over gRPC and their feeds. The operator alice is an administrator, and reader a reader;
// there is a vault with a key, and no account.
class ServiceFixture : public ::testing::Test {
 protected:
  ServiceFixture()
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
    identities_.CreateSubscription(kServiceSubscription, "tenants/contoso");
    key_vault_.CreateVault("vaults/v", "tenants/contoso", "westeurope");
    version_ = key_vault_.CreateKey(kServiceKey);
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
    request.mutable_account()->set_subscription(kServiceSubscription);
    request.mutable_account()->set_region("westeurope");
    request.mutable_account()->set_tier("S1");
    return Call(*v1::AccountService::NewStub(channel), &v1::AccountService::Stub::CreateAccount,
                request);
  }
  absl::StatusOr<v1::EncryptionSettings> EnableKey(const std::shared_ptr<grpc::Channel>& channel) {
    v1::EnableCustomerManagedKeyRequest request;
    request.set_account("accounts/contoso");
    request.mutable_customer_key()->set_key(kServiceKey);
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

}  // namespace keyward::encryption::testing

#endif  // KEYWARD_SERVICES_ENCRYPTION_TESTING_SERVICE_FIXTURE_H_
