// The stores, on each engine: what is written is read back, field by field.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status_macros.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/installation_store.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/signing_key_store.h"
#include "services/managed_identity/store_fixture.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {
namespace {

using storage::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreTest : public StoreFixture {};

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, ::testing::Bool(), EngineName);

TEST_P(StoreTest, Tenants) {
  const auto found =
      Read<std::optional<Tenant>>([](Transaction& tx) { return FindTenant(tx, kContoso); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, kContoso);
  EXPECT_EQ(found->display_name, "Contoso");
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_EQ(database_->Write([](Transaction& tx) {
                       return InsertTenant(tx, {kContoso, "", kThen});
                     })
                .code(),
            absl::StatusCode::kAlreadyExists);
  const auto listed =
      Read<std::vector<Tenant>>([](Transaction& tx) { return ListTenants(tx, "contoso", 10); });
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].name, kFabrikam);
}

TEST_P(StoreTest, Subscriptions) {
  const auto find = [](Transaction& tx) { return FindSubscription(tx, kProd); };
  const auto found = Read<std::optional<Subscription>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->tenant, kContoso);
  EXPECT_EQ(found->display_name, "Production");
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_EQ(found->update_time, kLater);
  EXPECT_EQ(found->last_event, 7);
  Subscription moved = *found;
  moved.tenant = kFabrikam;
  moved.last_event = 8;
  Write([&](Transaction& tx) { return SaveSubscription(tx, moved); });
  const auto again = Read<std::optional<Subscription>>(find);
  EXPECT_EQ(again->tenant, kFabrikam);
  EXPECT_EQ(again->last_event, 8);
  const auto count = [&](const std::optional<TenantName>& tenant) {
    return Read<std::vector<Subscription>>(
               [&](Transaction& tx) { return ListSubscriptions(tx, tenant, "", 10); })
        .size();
  };
  EXPECT_EQ(count(std::nullopt), 1u);
  EXPECT_EQ(count(kFabrikam), 1u);
  EXPECT_EQ(count(kContoso), 0u);
  Subscription orphan = *found;
  orphan.name = SubscriptionName::FromTrustedId("orphan");
  orphan.tenant = TenantName::FromTrustedId("nobody");
  EXPECT_EQ(database_->Write([&](Transaction& tx) { return SaveSubscription(tx, orphan); }).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_P(StoreTest, Identities) {
  Identity one = MakeIdentity("one");
  ASSERT_TRUE(one.Enable("principal-1", kLater).ok());
  one.last_event = 9;
  const Identity two = MakeIdentity("two");
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(SaveIdentity(tx, one));
    return SaveIdentity(tx, two);
  });
  std::optional<Identity> found = FindById("one");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->resource, "accounts/one");
  EXPECT_EQ(found->subscription, kProd);
  EXPECT_EQ(found->tenant, kContoso);
  EXPECT_EQ(found->state, IdentityState::kEnabled);
  EXPECT_EQ(found->principal_id, "principal-1");
  EXPECT_EQ(found->state_reason, "");
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_EQ(found->update_time, kLater);
  EXPECT_EQ(found->not_before, kLater);
  EXPECT_EQ(found->last_event, 9);

  one.Transfer(kFabrikam, kLater);
  Write([&](Transaction& tx) { return SaveIdentity(tx, one); });
  found = FindById("one");
  EXPECT_EQ(found->state, IdentityState::kDisabled);
  EXPECT_EQ(found->principal_id, "");
  EXPECT_EQ(found->tenant, kFabrikam);
  EXPECT_EQ(found->state_reason, one.state_reason);
}

TEST_P(StoreTest, IdentitiesByOtherKeys) {
  Identity one = MakeIdentity("one");
  ASSERT_TRUE(one.Enable("principal-1", kLater).ok());
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(SaveIdentity(tx, MakeIdentity("two")));
    return SaveIdentity(tx, one);
  });
  EXPECT_EQ(Read<std::optional<Identity>>([](Transaction& tx) {
              return FindIdentityOfPrincipal(tx, "principal-1");
            })->name.id(),
            "one");
  EXPECT_EQ(Read<std::optional<Identity>>([](Transaction& tx) {
              return FindIdentityOfResource(tx, "accounts/two");
            })->name.id(),
            "two");
  // Those without a principal are not found under the empty one.
  EXPECT_FALSE(Read<std::optional<Identity>>([](Transaction& tx) {
                 return FindIdentityOfPrincipal(tx, "");
               }).has_value());
  const auto in =
      Read<std::vector<Identity>>([](Transaction& tx) { return IdentitiesIn(tx, kProd); });
  ASSERT_EQ(in.size(), 2u);
  EXPECT_EQ(in[0].name.id(), "one");
  const auto list = [&](const IdentityParent& parent) {
    std::vector<std::string> ids;
    for (const Identity& identity : Read<std::vector<Identity>>(
             [&](Transaction& tx) { return ListIdentities(tx, parent, "one", 1); })) {
      ids.push_back(identity.name.id());
    }
    return ids;
  };
  EXPECT_THAT(list(IdentityParent()), ElementsAre("two"));
  EXPECT_THAT(list(kContoso), ElementsAre("two"));
  EXPECT_THAT(list(kProd), ElementsAre("two"));
  EXPECT_THAT(list(kFabrikam), IsEmpty());
  EXPECT_THAT(list(SubscriptionName::FromTrustedId("other")), IsEmpty());
  Identity rival = MakeIdentity("rival");
  rival.resource = "accounts/one";
  EXPECT_EQ(database_->Write([&](Transaction& tx) { return SaveIdentity(tx, rival); }).code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_P(StoreTest, RoleAssignments) {
  const ResourcePath root = *ResourcePath::Parse("/", "scope");
  const ResourcePath vault = *ResourcePath::Parse("vaults/v", "scope");
  const RoleAssignment one = {
      RoleAssignmentName::FromTrustedId("1"), "alice", identity::v1::ROLE_READER, root, kThen, 3};
  const RoleAssignment two = {
      RoleAssignmentName::FromTrustedId("2"), "alice", identity::v1::ROLE_READER, vault, kThen, 4};
  Write([&](Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(InsertRoleAssignment(tx, one));
    return InsertRoleAssignment(tx, two);
  });
  const auto find = [&](Transaction& tx) { return FindRoleAssignment(tx, one.name); };
  const auto found = Read<std::optional<RoleAssignment>>(find);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->principal, "alice");
  EXPECT_EQ(found->role, identity::v1::ROLE_READER);
  EXPECT_TRUE(found->scope.is_root());
  EXPECT_EQ(found->create_time, kThen);
  EXPECT_EQ(found->last_event, 3);
  EXPECT_EQ(Read<std::optional<RoleAssignment>>([&](Transaction& tx) {
              return FindRoleAssignment(tx, "alice", identity::v1::ROLE_READER, vault);
            })->name.id(),
            "2");
  EXPECT_EQ(Read<std::vector<RoleAssignment>>([&](Transaction& tx) {
              return RoleAssignmentsOn(tx, identity::v1::ROLE_READER, root);
            }).size(),
            1u);
  const auto count = [&](const std::string& scope) {
    return Read<std::vector<RoleAssignment>>([&](Transaction& tx) {
             return ListRoleAssignments(tx, *ResourcePath::Parse(scope, ""), "", 10);
           })
        .size();
  };
  EXPECT_EQ(count("/"), 2u);
  EXPECT_EQ(count("vaults/v"), 1u);
  EXPECT_EQ(count("vaults/vv"), 0u);
  Write([&](Transaction& tx) { return DeleteRoleAssignment(tx, one.name); });
  EXPECT_FALSE(Read<std::optional<RoleAssignment>>(find).has_value());
}

TEST_P(StoreTest, SigningKeysAndTheirStates) {
  const std::string sealed("\0sealed\xff", 8);
  SigningKey old{"old", "issuer", "{}", SigningKeyState::kActive, "", kThen, kThen};
  SigningKey gone{"gone", "issuer", "{}", SigningKeyState::kRevoked, "by me", kThen};
  gone.last_event = 7;
  const SigningKey next{"new", "issuer", "{}", SigningKeyState::kNext, "", kLater};
  Write([&](Transaction& tx) -> absl::Status {
    for (const SigningKey& key : {old, gone, next}) KW_RETURN_IF_ERROR(SaveSigningKey(tx, key));
    KW_RETURN_IF_ERROR(InsertPrivateKey(tx, old, sealed));
    return InsertPrivateKey(tx, next, "x");
  });
  old.Retire(kLater);
  Write([&](Transaction& tx) { return SaveSigningKey(tx, old); });
  const auto published = Read<std::vector<SigningKey>>(PublishedSigningKeys);
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(published[0].key_id, "old");
  EXPECT_EQ(published[0].state, SigningKeyState::kRetired);
  EXPECT_EQ(published[0].activate_time, kThen);
  EXPECT_EQ(published[0].retire_time, kLater);
  EXPECT_EQ(published[0].expire_time, kLater + kKeyAfterlife);
  EXPECT_EQ(published[1].key_id, "new");
  EXPECT_EQ(published[1].activate_time, std::nullopt);
  const auto all = Read<std::vector<SigningKey>>(
      [](Transaction& tx) { return ListSigningKeys(tx, "gone", 10); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key_id, "new");
  const auto revoked = Read<std::optional<SigningKey>>(
      [](Transaction& tx) { return FindSigningKey(tx, std::string("gone")); });
  ASSERT_TRUE(revoked.has_value());
  EXPECT_EQ(revoked->state_reason, "by me");
  EXPECT_EQ(revoked->last_event, 7);
  EXPECT_FALSE(Read<std::optional<SigningKey>>([](Transaction& tx) {
                 return FindSigningKey(tx, SigningKeyState::kActive);
               }).has_value());
  const auto find_private = [](Transaction& tx) { return FindPrivateKey(tx, "old"); };
  EXPECT_EQ(Read<std::string>(find_private), sealed);
  Write([](Transaction& tx) { return DeletePrivateKey(tx, "old"); });
  EXPECT_EQ(database_->Read([&](Transaction& tx) { return find_private(tx).status(); }).code(),
            absl::StatusCode::kDataLoss);
}

TEST_P(StoreTest, SettingsAreSettledOnce) {
  const auto find = [](Transaction& tx) { return FindInstallationSetting(tx, "s"); };
  EXPECT_FALSE(Read<std::optional<std::string>>(find).has_value());
  const auto insert = [](Transaction& tx) {
    return InsertInstallationSetting(tx, "s", "v", kThen);
  };
  Write(insert);
  EXPECT_EQ(Read<std::optional<std::string>>(find), "v");
  EXPECT_EQ(database_->Write(insert).code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace keyward::managed_identity
