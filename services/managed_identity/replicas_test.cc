// Two servers on one PostgreSQL: what one takes away the other refuses, from the moment on at which
// the revoking call has returned, and each verifies what the other signed.

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/foreign_keys.h"
#include "common/auth/foreign_token.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/server/application.h"
#include "common/server/channel.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/signing_keys.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/managed_identity/server.h"
#include "services/managed_identity/testing/https_get.h"

namespace keyward::managed_identity {
namespace {

using storage::testing::TemporaryDatabase;
using Tenants = identity::v1::TenantService::Stub;
using Identities = identity::v1::IdentityService::Stub;
using Roles = identity::v1::RoleService::Stub;
using Tokens = identity::v1::TokenService::Stub;
using SigningKeys = identity::v1::SigningKeyService::Stub;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kJwkSet[] = "/keyward/.well-known/jwks.json";

// What all replicas have in common.
struct Installation {
  Installation() : tls(authority.IssueService(kServiceName)) {}

  server::testing::TestAuthority authority;
  server::testing::TestFolder folder;
  server::TlsFiles tls;
  std::string database;
};

// One server, and the stubs of operator alice for it.
class Replica {
 public:
  Replica(Installation& installation, const std::string& name) {
    server::ServerOptions options;
    options.tls = installation.tls;
    options.database = installation.database;
    options.root_key_file = installation.folder.path() + "/root.key";
    options.replica = name;
    const server::TlsFiles page = installation.authority.Issue("public", /*uri=*/"");
    ca_ = page.ca;
    Settings settings{.bootstrap_administrator = kAlice,
                      .issuer = "https://localhost/keyward",
                      .oidc_listen = "127.0.0.1:0",
                      .oidc_tls_certificate = page.certificate,
                      .oidc_tls_private_key = page.private_key};
    auto running = server::RunningService::Start(
        kServiceName, options, Schemas(),
        [&](server::Foundation& foundation) { return MakeManagedIdentity(foundation, settings); },
        clock::RealClock());
    EXPECT_TRUE(running.ok()) << running.status();
    running_ = *std::move(running);
    const auto connect = [&](const server::TlsFiles& files) {
      return server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()), files,
                                 auth::ServiceSpiffeId("keyward.local", kServiceName));
    };
    const auto alice = connect(installation.authority.IssueOperator("alice"));
    tenants = std::make_unique<Tenants>(alice);
    identities = std::make_unique<Identities>(alice);
    roles = std::make_unique<Roles>(alice);
    tokens = std::make_unique<Tokens>(alice);
    keys = std::make_unique<SigningKeys>(alice);
    encryption =
        std::make_unique<Identities>(connect(installation.authority.IssueService("encryption")));
  }

  template <typename Stub, typename Request, typename Response>
  static absl::StatusOr<Response> Call(const std::unique_ptr<Stub>& stub,
                                       grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                                       const Request& request, const std::string& token = "") {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    Response response;
    const absl::Status status = FromGrpcStatus((stub.get()->*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // A token of identities/one for managed_identity itself.
  absl::StatusOr<std::string> Token() {
    identity::v1::IssueTokenRequest request;
    request.set_identity("identities/one");
    request.set_audience(kServiceName);
    const auto issued = Call(tokens, &Tokens::IssueToken, request);
    if (!issued.ok()) return issued.status();
    return issued->token();
  }

  // What comes of a call with the token, which needs a role.
  absl::Status Use(const std::string& token) {
    identity::v1::GetTenantRequest request;
    request.set_name("tenants/contoso");
    return Call(tenants, &Tenants::GetTenant, request, token).status();
  }

  bool Introspect(const std::string& token) {
    identity::v1::IntrospectTokenRequest request;
    request.set_token(token);
    const auto answer = Call(tokens, &Tokens::IntrospectToken, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() && answer->active();
  }

  // Whether the published keys, over HTTPS, verify the token's signature, by a verifier that is
  // made for tokens of others.
  auth::ForeignKeys::Verdict VerifyByPage(const std::string& token) {
    const testing::HttpsAnswer page =
        testing::Https(OidcPort(running_->application()), kJwkSet, ca_);
    EXPECT_EQ(page.status, 200) << page.error;
    const auto published = auth::ForeignKeys::Parse(page.body);
    const auto parsed = auth::ParseForeignToken(token);
    EXPECT_TRUE(published.ok() && parsed.ok()) << published.status() << parsed.status();
    return published->Verify(parsed->key_id, parsed->algorithm, parsed->signing_input,
                             parsed->signature);
  }

  std::set<std::string> PublishedKeys() {
    const auto listed =
        Call(tokens, &Tokens::GetSigningKeys, identity::v1::GetSigningKeysRequest());
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::set<std::string> ids;
    for (const identity::v1::SigningKey& key : listed->keys()) ids.insert(key.key_id());
    return ids;
  }

  std::unique_ptr<Tenants> tenants;
  std::unique_ptr<Identities> identities;
  std::unique_ptr<Roles> roles;
  std::unique_ptr<Tokens> tokens;
  std::unique_ptr<SigningKeys> keys;
  // As the encryption service.
  std::unique_ptr<Identities> encryption;

 private:
  std::string ca_;
  std::unique_ptr<server::RunningService> running_;
};

class ReplicasTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto temporary = TemporaryDatabase::Postgresql();
    if (!temporary.ok()) GTEST_SKIP() << temporary.status().message();
    temporary_ = *std::move(temporary);
    installation_.database = temporary_->url();
    one_ = std::make_unique<Replica>(installation_, "0");
    other_ = std::make_unique<Replica>(installation_, "1");
    Prepare();
  }

  // identities/one of accounts/one in tenants/contoso, enabled and a reader there; all made at one.
  void Prepare() {
    identity::v1::CreateTenantRequest tenant;
    tenant.set_tenant_id("contoso");
    ASSERT_TRUE(Replica::Call(one_->tenants, &Tenants::CreateTenant, tenant).ok());
    identity::v1::CreateSubscriptionRequest subscription;
    subscription.set_subscription_id("prod");
    subscription.mutable_subscription()->set_tenant("tenants/contoso");
    ASSERT_TRUE(Replica::Call(one_->tenants, &Tenants::CreateSubscription, subscription).ok());
    identity::v1::CreateIdentityRequest identity;
    identity.set_identity_id("one");
    identity.set_resource("accounts/one");
    identity.set_subscription("subscriptions/prod");
    ASSERT_TRUE(Replica::Call(one_->encryption, &Identities::CreateIdentity, identity).ok());
    GiveRole(Enable(*one_));
  }

  static std::string Enable(Replica& replica) {
    identity::v1::EnableIdentityRequest request;
    request.set_name("identities/one");
    const auto enabled = Replica::Call(replica.identities, &Identities::EnableIdentity, request);
    EXPECT_TRUE(enabled.ok()) << enabled.status();
    return enabled.ok() ? enabled->principal_id() : "";
  }

  void GiveRole(const std::string& principal) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(principal);
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    request.mutable_role_assignment()->set_scope("tenants/contoso");
    const auto given = Replica::Call(one_->roles, &Roles::CreateRoleAssignment, request);
    ASSERT_TRUE(given.ok()) << given.status();
    role_ = given->name();
  }

  static absl::Status Disable(Replica& replica) {
    identity::v1::DisableIdentityRequest request;
    request.set_name("identities/one");
    return Replica::Call(replica.identities, &Identities::DisableIdentity, request).status();
  }

  Installation installation_;
  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Replica> one_;
  std::unique_ptr<Replica> other_;
  std::string role_;
};

TEST_F(ReplicasTest, DisabledAtOneIsRefusedAtTheOther) {
  for (const auto& [here, there] :
       {std::pair(one_.get(), other_.get()), std::pair(other_.get(), one_.get())}) {
    for (Replica* signer : {here, there}) {
      const auto token = signer->Token();
      ASSERT_TRUE(token.ok()) << token.status();
      EXPECT_EQ(there->Use(*token), absl::OkStatus());
      EXPECT_TRUE(there->Introspect(*token));
      ASSERT_EQ(Disable(*here), absl::OkStatus());
      EXPECT_EQ(ErrorReason(there->Use(*token)), "TOKEN_INVALID");
      EXPECT_FALSE(there->Introspect(*token));
      EXPECT_EQ(ErrorReason(there->Token().status()), "IDENTITY_DISABLED");
      // Enabled at the other, it is another principal, and the token stays dead at both.
      GiveRole(Enable(*there));
      EXPECT_EQ(ErrorReason(here->Use(*token)), "TOKEN_INVALID");
      EXPECT_EQ(here->Use(*there->Token()), absl::OkStatus());
    }
  }
}

TEST_F(ReplicasTest, ARoleWithdrawnAtOneIsLostAtTheOther) {
  const auto token = other_->Token();
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(other_->Use(*token), absl::OkStatus());
  identity::v1::DeleteRoleAssignmentRequest withdraw;
  withdraw.set_name(role_);
  ASSERT_TRUE(Replica::Call(one_->roles, &Roles::DeleteRoleAssignment, withdraw).ok());
  EXPECT_EQ(ErrorReason(other_->Use(*token)), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(other_->Use(*other_->Token())), "NOT_AUTHORIZED");
}

TEST_F(ReplicasTest, EachVerifiesWhatTheOtherSigned) {
  const auto from_one = one_->Token();
  const auto from_other = other_->Token();
  ASSERT_TRUE(from_one.ok() && from_other.ok()) << from_one.status() << from_other.status();
  EXPECT_EQ(other_->VerifyByPage(*from_one), auth::ForeignKeys::Verdict::kValid);
  EXPECT_EQ(one_->VerifyByPage(*from_other), auth::ForeignKeys::Verdict::kValid);
  EXPECT_EQ(one_->PublishedKeys(), other_->PublishedKeys());
}

TEST_F(ReplicasTest, ARotationAndARevocationAtOneShowAtTheOther) {
  const auto before = other_->Token();
  ASSERT_TRUE(before.ok()) << before.status();
  const auto rotated = Replica::Call(one_->keys, &SigningKeys::RotateSigningKey,
                                     identity::v1::RotateSigningKeyRequest());
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(one_->PublishedKeys(), other_->PublishedKeys());
  const auto after = other_->Token();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(auth::ParseForeignToken(*after)->key_id, rotated->active().key_id());
  for (Replica* replica : {one_.get(), other_.get()}) {
    for (const std::string& token : {*before, *after}) {
      EXPECT_EQ(replica->VerifyByPage(token), auth::ForeignKeys::Verdict::kValid);
      EXPECT_EQ(replica->Use(token), absl::OkStatus());
    }
  }

  identity::v1::RevokeSigningKeyRequest revoke;
  revoke.set_name(rotated->retired().name());
  ASSERT_TRUE(Replica::Call(one_->keys, &SigningKeys::RevokeSigningKey, revoke).ok());
  for (Replica* replica : {one_.get(), other_.get()}) {
    EXPECT_EQ(replica->VerifyByPage(*before), auth::ForeignKeys::Verdict::kUnknownKey);
    EXPECT_EQ(ErrorReason(replica->Use(*before)), "TOKEN_INVALID");
    EXPECT_EQ(replica->Use(*after), absl::OkStatus());
  }
}

}  // namespace
}  // namespace keyward::managed_identity
