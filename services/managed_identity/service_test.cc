// The whole service as callers meet it: over mutual TLS, through the stubs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/events/v1/events.grpc.pb.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/managed_identity/test_server.h"

namespace keyward::managed_identity {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Tenants = identity::v1::TenantService::Stub;
using Identities = identity::v1::IdentityService::Stub;
using Roles = identity::v1::RoleService::Stub;
using Tokens = identity::v1::TokenService::Stub;

constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

class ServiceTest : public TestServer {
 protected:
  // One caller's stubs.
  struct Stubs {
    explicit Stubs(std::shared_ptr<grpc::Channel> channel)
        : tenants(channel), identities(channel), roles(channel), tokens(channel) {}
    Tenants tenants;
    Identities identities;
    Roles roles;
    Tokens tokens;
  };

  ServiceTest() { Connect(); }

  void Connect() {
    alice_ = std::make_unique<Stubs>(AsOperator("alice"));
    bob_ = std::make_unique<Stubs>(AsOperator("bob"));
    encryption_ = std::make_unique<Stubs>(AsService("encryption"));
  }

  absl::StatusOr<identity::v1::Tenant> CreateTenant(Stubs& caller, const std::string& id) {
    identity::v1::CreateTenantRequest request;
    request.set_tenant_id(id);
    return Call(caller.tenants, &Tenants::CreateTenant, request);
  }

  absl::StatusOr<identity::v1::Tenant> GetTenant(Stubs& caller, const std::string& id,
                                                 const std::string& token = "") {
    identity::v1::GetTenantRequest request;
    request.set_name("tenants/" + id);
    return Call(caller.tenants, &Tenants::GetTenant, request, token);
  }

  // The identity of accounts/one in subscriptions/prod of tenants/contoso, enabled.
  identity::v1::Identity MakeIdentity() {
    EXPECT_TRUE(CreateTenant(*alice_, "contoso").ok());
    identity::v1::CreateSubscriptionRequest subscription;
    subscription.set_subscription_id("prod");
    subscription.mutable_subscription()->set_tenant("tenants/contoso");
    EXPECT_TRUE(Call(alice_->tenants, &Tenants::CreateSubscription, subscription).ok());
    identity::v1::CreateIdentityRequest identity;
    identity.set_identity_id("one");
    identity.set_resource("accounts/one");
    identity.set_subscription("subscriptions/prod");
    EXPECT_TRUE(Call(encryption_->identities, &Identities::CreateIdentity, identity).ok());
    identity::v1::EnableIdentityRequest enable;
    enable.set_name("identities/one");
    const auto enabled = Call(encryption_->identities, &Identities::EnableIdentity, enable);
    EXPECT_TRUE(enabled.ok()) << enabled.status();
    return enabled.value_or(identity::v1::Identity());
  }

  absl::StatusOr<identity::v1::RoleAssignment> Assign(Stubs& caller, const std::string& principal,
                                                      identity::v1::Role role,
                                                      const std::string& scope) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(principal);
    request.mutable_role_assignment()->set_role(role);
    request.mutable_role_assignment()->set_scope(scope);
    return Call(caller.roles, &Roles::CreateRoleAssignment, request);
  }

  absl::StatusOr<identity::v1::IssueTokenResponse> IssueToken(
      Stubs& caller, const std::string& audience, const std::string& resource = "accounts/one") {
    identity::v1::IssueTokenRequest request;
    request.set_identity("identities/one");
    request.set_resource(resource);
    request.set_audience(audience);
    return Call(caller.tokens, &Tokens::IssueToken, request);
  }

  absl::StatusOr<identity::v1::DisableIdentityResponse> Disable(Stubs& caller,
                                                                const std::string& id) {
    identity::v1::DisableIdentityRequest request;
    request.set_name("identities/" + id);
    return Call(caller.identities, &Identities::DisableIdentity, request);
  }

  std::unique_ptr<Stubs> alice_, bob_, encryption_;
};

TEST_F(ServiceTest, OnlyWhoHoldsARoleMayManage) {
  EXPECT_TRUE(CreateTenant(*alice_, "contoso").ok());
  for (Stubs* caller : {bob_.get(), encryption_.get()}) {
    const absl::Status status = CreateTenant(*caller, "fabrikam").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ErrorReason(status), "NOT_AUTHORIZED");
  }
  // What exists and what does not look alike to him.
  EXPECT_EQ(GetTenant(*bob_, "contoso").status().message(),
            GetTenant(*bob_, "nobody").status().message());
  EXPECT_EQ(ErrorReason(GetTenant(*bob_, "nobody").status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(GetTenant(*alice_, "nobody").status()), "TENANT_NOT_FOUND");

  ASSERT_TRUE(Assign(*alice_, kBob, identity::v1::ROLE_READER, "tenants/contoso").ok());
  EXPECT_TRUE(GetTenant(*bob_, "contoso").ok());
  EXPECT_EQ(ErrorReason(GetTenant(*bob_, "nobody").status()), "NOT_AUTHORIZED");
  EXPECT_EQ(ErrorReason(CreateTenant(*bob_, "fabrikam").status()), "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, NobodyGivesRolesAboveTheOwnScope) {
  MakeIdentity();
  ASSERT_TRUE(Assign(*alice_, kBob, identity::v1::ROLE_ADMINISTRATOR, "tenants/contoso").ok());
  EXPECT_TRUE(Assign(*bob_, kBob, identity::v1::ROLE_READER, "subscriptions/prod").ok());
  EXPECT_TRUE(Assign(*bob_, kBob, identity::v1::ROLE_READER, "accounts/one").ok());
  for (const char* scope : {"/", "vaults/v", ""}) {
    EXPECT_EQ(ErrorReason(Assign(*bob_, kBob, identity::v1::ROLE_READER, scope).status()),
              "NOT_AUTHORIZED")
        << scope;
  }
}

TEST_F(ServiceTest, TokensAreForTheServiceAndForAdministrators) {
  MakeIdentity();
  EXPECT_TRUE(IssueToken(*encryption_, "key_vault").ok());
  EXPECT_EQ(ErrorReason(IssueToken(*encryption_, "managed_identity").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(IssueToken(*encryption_, "key_vault", "").status()), "INVALID_REQUEST");
  EXPECT_TRUE(IssueToken(*alice_, "key_vault", "").ok());
  EXPECT_EQ(ErrorReason(IssueToken(*bob_, "key_vault").status()), "NOT_AUTHORIZED");
  Stubs deployment(AsService("model_deployment"));
  EXPECT_EQ(ErrorReason(IssueToken(deployment, "key_vault").status()), "NOT_AUTHORIZED");
  // Keys are published to whoever proves who it is.
  EXPECT_TRUE(
      Call(bob_->tokens, &Tokens::GetSigningKeys, identity::v1::GetSigningKeysRequest()).ok());
}

TEST_F(ServiceTest, EncryptionMakesAndEnablesIdentitiesOfAccountsAndTakesNothingAway) {
  MakeIdentity();
  identity::v1::CreateUserAssignedIdentityRequest shared;
  shared.set_identity_id("shared");
  shared.set_subscription("subscriptions/prod");
  ASSERT_TRUE(Call(alice_->identities, &Identities::CreateUserAssignedIdentity, shared).ok());
  for (const char* id : {"one", "shared"}) {
    identity::v1::DeleteIdentityRequest remove;
    remove.set_name(std::string("identities/") + id);
    EXPECT_EQ(
        ErrorReason(Call(encryption_->identities, &Identities::DeleteIdentity, remove).status()),
        "NOT_AUTHORIZED");
    EXPECT_EQ(ErrorReason(Disable(*encryption_, id).status()), "NOT_AUTHORIZED");
  }
  ASSERT_TRUE(Disable(*alice_, "shared").ok());
  identity::v1::EnableIdentityRequest enable;
  enable.set_name("identities/shared");
  EXPECT_EQ(
      ErrorReason(Call(encryption_->identities, &Identities::EnableIdentity, enable).status()),
      "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, TokenCountsHereAtOnceAndDiesAtOnce) {
  const std::string principal = MakeIdentity().principal_id();
  const auto role = Assign(*alice_, principal, identity::v1::ROLE_READER, "tenants/contoso");
  ASSERT_TRUE(role.ok()) << role.status();
  const std::string token = IssueToken(*alice_, "managed_identity")->token();
  EXPECT_TRUE(GetTenant(*bob_, "contoso", token).ok());
  EXPECT_EQ(
      ErrorReason(
          GetTenant(*bob_, "contoso", IssueToken(*encryption_, "key_vault")->token()).status()),
      "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(GetTenant(*alice_, "contoso", token + "x").status()), "TOKEN_INVALID");

  identity::v1::DeleteRoleAssignmentRequest remove;
  remove.set_name(role->name());
  ASSERT_TRUE(Call(alice_->roles, &Roles::DeleteRoleAssignment, remove).ok());
  EXPECT_EQ(ErrorReason(GetTenant(*bob_, "contoso", token).status()), "TOKEN_INVALID");
  const std::string newer = IssueToken(*alice_, "managed_identity")->token();
  EXPECT_EQ(ErrorReason(GetTenant(*bob_, "contoso", newer).status()), "NOT_AUTHORIZED");

  ASSERT_TRUE(Disable(*alice_, "one").ok());
  EXPECT_EQ(ErrorReason(GetTenant(*bob_, "contoso", newer).status()), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(IssueToken(*alice_, "managed_identity").status()), "IDENTITY_DISABLED");
}

TEST_F(ServiceTest, UnknownFieldsAreRefusedAndChangeNothing) {
  identity::v1::CreateTenantRequest request;
  request.set_tenant_id("contoso");
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(99, 1);
  const absl::Status status = Call(alice_->tenants, &Tenants::CreateTenant, request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(GetTenant(*alice_, "contoso").status()), "TENANT_NOT_FOUND");
}

TEST_F(ServiceTest, RestartKeepsEverythingAndAnotherBootstrapNameOpensNothing) {
  const identity::v1::Identity identity = MakeIdentity();
  const auto keys =
      Call(alice_->tokens, &Tokens::GetSigningKeys, identity::v1::GetSigningKeysRequest());
  ASSERT_TRUE(keys.ok()) << keys.status();
  Restart(/*bootstrap_administrator=*/kBob);
  Connect();
  identity::v1::GetIdentityRequest get;
  get.set_name("identities/one");
  const auto kept = Call(alice_->identities, &Identities::GetIdentity, get);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*kept, identity));
  const auto kept_keys =
      Call(alice_->tokens, &Tokens::GetSigningKeys, identity::v1::GetSigningKeysRequest());
  ASSERT_TRUE(kept_keys.ok()) << kept_keys.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*kept_keys, *keys));
  EXPECT_EQ(ErrorReason(CreateTenant(*bob_, "fabrikam").status()), "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, AuditShowsWhoDidWhatAndWhoWasRefused) {
  const std::string principal = MakeIdentity().principal_id();
  EXPECT_FALSE(Disable(*bob_, "one").ok());
  ASSERT_TRUE(Disable(*alice_, "one").ok());
  audit::v1::AuditService::Stub audit(AsOperator("alice"));
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("identities/one");
  const auto listed = Call(audit, &audit::v1::AuditService::Stub::ListAuditEntries, request);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_GE(listed->entries_size(), 2);
  const audit::v1::AuditEntry& disabled = listed->entries(0);
  EXPECT_EQ(disabled.operation(), "keyward.identity.v1.IdentityService/DisableIdentity");
  EXPECT_EQ(disabled.principal(), "spiffe://keyward.local/operator/alice");
  EXPECT_EQ(disabled.result(), "OK");
  EXPECT_EQ(disabled.details().at("lost_principal_id"), principal);
  const audit::v1::AuditEntry& refused = listed->entries(1);
  EXPECT_EQ(refused.principal(), kBob);
  EXPECT_EQ(refused.result(), "PERMISSION_DENIED");
  EXPECT_EQ(refused.reason(), "NOT_AUTHORIZED");
}

TEST_F(ServiceTest, FeedTellsServicesAndListsForAdministrators) {
  MakeIdentity();
  using Stub = events::v1::EventService::Stub;
  Stub as_alice(AsOperator("alice"));
  const auto listed = Call(as_alice, &Stub::ListEvents, events::v1::ListEventsRequest());
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->events_size(), 4);
  EXPECT_EQ(listed->events(0).type(), "keyward.identity.SigningKeysChanged");
  EXPECT_EQ(listed->events(1).type(), "keyward.identity.RoleAssignmentCreated");
  EXPECT_EQ(listed->events(3).type(), "keyward.identity.IdentityEnabled");
  EXPECT_THAT(listed->events(3).correlation_id(), Not(IsEmpty()));
  Stub as_bob(AsOperator("bob"));
  EXPECT_EQ(ErrorReason(Call(as_bob, &Stub::ListEvents, events::v1::ListEventsRequest()).status()),
            "NOT_AUTHORIZED");
}

}  // namespace
}  // namespace keyward::managed_identity
