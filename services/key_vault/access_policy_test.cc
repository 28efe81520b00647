#include "services/key_vault/access_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace keyward::key_vault {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";

constexpr KeyPermissions kWrapping = {KeyPermission::kGet, KeyPermission::kWrapKey,
                                      KeyPermission::kUnwrapKey};

TEST(KeyPermissions, EachNameRoundTrips) {
  for (int i = 0; i < static_cast<int>(KeyPermission::kCount); ++i) {
    const auto permission = static_cast<KeyPermission>(i);
    EXPECT_EQ(ParseKeyPermission(ToString(permission)), permission);
  }
  EXPECT_EQ(Names(KeyPermissions::All()).size(), 20u);
}

TEST(KeyPermissions, CaseDoesNotMatterAndUnknownNamesAreRefused) {
  EXPECT_EQ(ParseKeyPermission("WRAPKEY"), KeyPermission::kWrapKey);
  EXPECT_EQ(ParseKeyPermissions("All"), KeyPermissions::All());
  for (const char* name : {"", "release", "wrap", "all ", "*"}) {
    EXPECT_EQ(ParseKeyPermissions(name), std::nullopt) << name;
  }
}

TEST(KeyPermissions, AreSpelledOutInOrder) {
  EXPECT_THAT(Names(kWrapping), ElementsAre("get", "unwrapKey", "wrapKey"));
}

TEST(PolicyPrincipal, IsAPrincipalIdOrAnOperator) {
  EXPECT_TRUE(IsPolicyPrincipal(kAlice));
  EXPECT_TRUE(IsPolicyPrincipal(kPrincipal));
  for (const char* principal :
       {"", "alice", "spiffe://keyward.local/service/encryption",
        "spiffe://keyward.local/operator/", "spiffe:///operator/alice",
        "spiffe://keyward.local/operator/a/b", "spiffe://keyward.local/operator/a b",
        "0B6A2C5E-7A55-4C6E-9B1C-5A8E3F1D2C4B", "0b6a2c5e7a554c6e9b1c5a8e3f1d2c4b",
        "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4g"}) {
    EXPECT_FALSE(IsPolicyPrincipal(principal)) << principal;
  }
}

TEST(AccessPolicy, AddingJoinsPermissions) {
  const AccessPolicy policy =
      AccessPolicy({{kAlice, {KeyPermission::kGet}}}).With({{kAlice, {KeyPermission::kList}}});
  EXPECT_THAT(Names(policy.PermissionsOf(kAlice)), ElementsAre("get", "list"));
  EXPECT_TRUE(policy.PermissionsOf("nobody").empty());
}

TEST(AccessPolicy, RemovingTheLastPermissionRemovesTheEntry) {
  const AccessPolicy policy({{kAlice, kWrapping}});
  const AccessPolicy narrowed = policy.Without({{kAlice, {KeyPermission::kWrapKey}}});
  EXPECT_THAT(Names(narrowed.PermissionsOf(kAlice)), ElementsAre("get", "unwrapKey"));
  EXPECT_THAT(policy.Without({{kAlice, KeyPermissions::All()}}).entries(), IsEmpty());
  EXPECT_EQ(policy.Without({{kPrincipal, KeyPermissions::All()}}), policy);
}

TEST(PolicyChange, NamesWhoseRightsChangedAndWhetherAnyoneLost) {
  const AccessPolicy before({{kAlice, KeyPermissions::All()}, {kPrincipal, kWrapping}});

  PolicyChange change = Compare(before, before);
  EXPECT_THAT(change.changed, IsEmpty());
  EXPECT_FALSE(change.takes_away);

  change = Compare(before, before.With({{"spiffe://keyward.local/operator/bob", kWrapping}}));
  EXPECT_THAT(change.changed, ElementsAre(Pair("spiffe://keyward.local/operator/bob", kWrapping)));
  EXPECT_FALSE(change.takes_away);

  change = Compare(before, AccessPolicy({{kAlice, KeyPermissions::All()}}));
  EXPECT_THAT(change.changed, ElementsAre(Pair(kPrincipal, KeyPermissions())));
  EXPECT_TRUE(change.takes_away);
}

TEST(PolicyChange, SwappingOnePermissionForAnotherTakesAway) {
  const PolicyChange change = Compare(AccessPolicy({{kAlice, {KeyPermission::kGet}}}),
                                      AccessPolicy({{kAlice, {KeyPermission::kList}}}));
  EXPECT_TRUE(change.takes_away);
}

}  // namespace
}  // namespace keyward::key_vault
