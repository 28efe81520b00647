// Who may do what: KeyPermissionGate, VaultHierarchy, SubscriptionFollower.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/errors.h"
#include "common/auth/principal_directory.h"
#include "common/auth/principal_store.h"
#include "common/status/error.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_permission_gate.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/schema.h"
#include "services/key_vault/subscription_follower.h"
#include "services/key_vault/vault_hierarchy.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

using auth::Caller;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";
constexpr char kKey[] = "vaults/contoso/keys/k";

class AccessTest : public ::testing::Test {
 protected:
  AccessTest()
      : temporary_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(
            *storage::Database::Open(temporary_->url(), {auth::AuthSchema(), KeyVaultSchema()})),
        gate_(*database_, principals_, [this] { return fresh_; }),
        hierarchy_(*database_) {
    principals_.AddHandler(subscriptions_);
    TellSubscription("subscriptions/main", "tenants/test");
    TellPrincipal(kPrincipal, "tenants/test", true);
    SetPolicy({{kAlice, {KeyPermission::kGet, KeyPermission::kWrapKey}},
               {kPrincipal, {KeyPermission::kWrapKey}}});
  }

  void Tell(const google::protobuf::Message& change) {
    events::v1::Event event;
    event.set_sequence(++sequence_);
    event.mutable_data()->PackFrom(change);
    const absl::Status status =
        database_->Write([&](storage::Transaction& tx) { return principals_.Apply(tx, event); });
    ASSERT_TRUE(status.ok()) << status;
  }

  void TellSubscription(const std::string& subscription, const std::string& tenant) {
    identity::v1::SubscriptionChanged change;
    change.set_subscription(subscription);
    change.set_tenant(tenant);
    Tell(change);
  }

  void TellPrincipal(const std::string& id, const std::string& tenant, bool active) {
    identity::v1::PrincipalChanged change;
    change.set_identity("identities/test");
    change.set_resource("accounts/test");
    change.set_tenant(tenant);
    change.set_principal_id(id);
    change.set_active(active);
    Tell(change);
  }

  void SetPolicy(const AccessPolicy::Entries& entries) {
    const Vault vault{.name = *VaultName::FromId("contoso"),
                      .subscription = "subscriptions/main",
                      .tenant = "tenants/test",
                      .region = "westeurope"};
    const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
      VaultStore vaults(tx);
      const absl::Status inserted = vaults.Insert(vault);
      if (!inserted.ok()) return inserted;
      return vaults.SetPolicyEntries(vault.name, entries);
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  static Caller Operator(const std::string& principal) {
    return {.kind = Caller::Kind::kOperator,
            .principal = principal,
            .name = "x",
            .via = "",
            .tenant = "",
            .resource = ""};
  }

  static Caller Identity(const std::string& principal, const std::string& tenant) {
    return {.kind = Caller::Kind::kIdentity,
            .principal = principal,
            .name = "",
            .via = "spiffe://keyward.local/service/encryption",
            .tenant = tenant,
            .resource = "accounts/test"};
  }

  std::vector<std::string> Ancestors(const std::string& resource) {
    return *hierarchy_.Ancestors(resource);
  }

  std::unique_ptr<storage::testing::TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
  auth::PrincipalDirectory principals_;
  SubscriptionFollower subscriptions_;
  absl::Status fresh_;
  int64_t sequence_ = 0;
  KeyPermissionGate gate_;
  VaultHierarchy hierarchy_;
};

TEST_F(AccessTest, OperatorMayWhatThePolicySays) {
  EXPECT_TRUE(gate_.Check(Operator(kAlice), kKey, "wrapKey").ok());
  EXPECT_TRUE(gate_.Check(Operator(kAlice), "vaults/contoso", "get").ok());
  EXPECT_EQ(gate_.Check(Operator(kAlice), kKey, "unwrapKey"),
            NotInPolicy(KeyPermission::kUnwrapKey));
}

TEST_F(AccessTest, IdentityMayWhatThePolicySays) {
  const Caller identity = Identity(kPrincipal, "tenants/test");
  EXPECT_TRUE(gate_.Check(identity, kKey, "wrapKey").ok());
  const absl::Status status = gate_.Check(identity, kKey, "unwrapKey");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorReason(status), "FORBIDDEN_BY_POLICY");
  EXPECT_EQ(ErrorMetadata(status, "permission"), "unwrapKey");
  EXPECT_THAT(std::string(status.message()), HasSubstr("UpdateAccessPolicy"));
}

TEST_F(AccessTest, NobodyElseLearnsWhetherTheVaultExists) {
  TellPrincipal("11111111-1111-1111-1111-111111111111", "tenants/other", true);
  const Caller foreign = Identity("11111111-1111-1111-1111-111111111111", "tenants/other");
  Caller service = Operator("spiffe://keyward.local/service/encryption");
  service.kind = Caller::Kind::kService;
  for (const Caller& caller :
       {Operator("spiffe://keyward.local/operator/mallory"), foreign, service}) {
    EXPECT_EQ(gate_.Check(caller, kKey, "wrapKey"), NotInPolicy(KeyPermission::kWrapKey));
    EXPECT_EQ(gate_.Check(caller, "vaults/nobody/keys/k", "wrapKey"),
              NotInPolicy(KeyPermission::kWrapKey));
  }
  EXPECT_EQ(gate_.Check(Identity(kPrincipal, "tenants/test"), "vaults/nobody/keys/k", "wrapKey"),
            NotInPolicy(KeyPermission::kWrapKey));
}

TEST_F(AccessTest, TokenOfAnotherTenantIsWorthNothingEvenWithAnEntry) {
  EXPECT_EQ(gate_.Check(Identity(kPrincipal, "tenants/other"), kKey, "wrapKey"),
            NotInPolicy(KeyPermission::kWrapKey));
}

TEST_F(AccessTest, PrincipalThatIsGoneMayNothing) {
  TellPrincipal(kPrincipal, "tenants/test", false);
  EXPECT_EQ(gate_.Check(Identity(kPrincipal, "tenants/test"), kKey, "wrapKey"),
            NotInPolicy(KeyPermission::kWrapKey));
}

TEST_F(AccessTest, StaleFeedSuspendsIdentitiesButNotOperators) {
  fresh_ = auth::IdentityFeedStale();
  EXPECT_EQ(gate_.Check(Identity(kPrincipal, "tenants/test"), kKey, "wrapKey"),
            auth::IdentityFeedStale());
  EXPECT_TRUE(gate_.Check(Operator(kAlice), kKey, "wrapKey").ok());
}

TEST_F(AccessTest, MalformedNamesAreCalledSo) {
  for (const char* name : {"/", "contoso", "vaults/contoso/keys/", "vaults/a", "keys/k"}) {
    const absl::Status status = gate_.Check(Operator(kAlice), name, "wrapKey");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(ErrorReason(status), "") << name << ": the authorizer names the field";
  }
}

TEST_F(AccessTest, ResourcesLieInVaultSubscriptionAndTenant) {
  const std::string version = absl::StrCat(kKey, "/versions/", std::string(32, '0'));
  EXPECT_THAT(Ancestors(version), ElementsAre(version, kKey, "vaults/contoso", "subscriptions/main",
                                              "tenants/test", "/"));
  EXPECT_THAT(Ancestors("vaults/contoso"),
              ElementsAre("vaults/contoso", "subscriptions/main", "tenants/test", "/"));
  EXPECT_THAT(Ancestors("subscriptions/main"),
              ElementsAre("subscriptions/main", "tenants/test", "/"));
  for (const char* unknown : {"vaults/nobody", "subscriptions/nobody", "vaults/%", "what"}) {
    EXPECT_THAT(Ancestors(unknown), ElementsAre(unknown, "/"));
  }
  EXPECT_THAT(Ancestors("/"), ElementsAre("/"));
}

TEST_F(AccessTest, MovedSubscriptionBringsItsVaultsUnderTheNewTenant) {
  TellSubscription("subscriptions/main", "tenants/other");
  EXPECT_THAT(Ancestors("vaults/contoso"),
              ElementsAre("vaults/contoso", "subscriptions/main", "tenants/other", "/"));
  EXPECT_TRUE(gate_.Check(Identity(kPrincipal, "tenants/test"), kKey, "wrapKey").ok());
}

TEST_F(AccessTest, MalformedEventStopsTheFeed) {
  events::v1::Event event;
  identity::v1::SubscriptionChanged change;
  change.set_subscription("subscriptions/main");
  event.mutable_data()->PackFrom(change);
  const absl::Status status =
      database_->Write([&](storage::Transaction& tx) { return subscriptions_.Apply(tx, event); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace keyward::key_vault
