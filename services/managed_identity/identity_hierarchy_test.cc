#include "services/managed_identity/identity_hierarchy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/managed_identity/handler_fixture.h"

namespace keyward::managed_identity {
namespace {

using ::testing::ElementsAre;

class IdentityHierarchyTest : public HandlerFixture {
 protected:
  IdentityHierarchyTest() : hierarchy_(*database_) {
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
    MakeIdentity("one", "prod");
  }

  std::vector<std::string> Ancestors(const std::string& resource) {
    const auto ancestors = hierarchy_.Ancestors(resource);
    EXPECT_TRUE(ancestors.ok()) << ancestors.status();
    return ancestors.value_or(std::vector<std::string>());
  }

  std::string Assign(const std::string& scope) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(kAlice);
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    request.mutable_role_assignment()->set_scope(scope);
    const auto made = roles_->Create(Call(), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  }

  IdentityHierarchy hierarchy_;
};

TEST_F(IdentityHierarchyTest, ClimbsFromWhatIsOwnedHere) {
  EXPECT_THAT(Ancestors("/"), ElementsAre("/"));
  EXPECT_THAT(Ancestors("tenants/contoso"), ElementsAre("tenants/contoso", "/"));
  EXPECT_THAT(Ancestors("subscriptions/prod"),
              ElementsAre("subscriptions/prod", "tenants/contoso", "/"));
  EXPECT_THAT(
      Ancestors("identities/one"),
      ElementsAre("identities/one", "accounts/one", "subscriptions/prod", "tenants/contoso", "/"));
}

TEST_F(IdentityHierarchyTest, ClimbsFromAResourceThroughItsIdentity) {
  EXPECT_THAT(Ancestors("accounts/one"),
              ElementsAre("accounts/one", "subscriptions/prod", "tenants/contoso", "/"));
  EXPECT_THAT(Ancestors("accounts/one/workspaces/w"),
              ElementsAre("accounts/one/workspaces/w", "accounts/one", "subscriptions/prod",
                          "tenants/contoso", "/"));
  EXPECT_THAT(Ancestors("vaults/v/keys/k"), ElementsAre("vaults/v/keys/k", "vaults/v", "/"));
}

TEST_F(IdentityHierarchyTest, RoleAssignmentLiesBelowItsScope) {
  const std::string on_subscription = Assign("subscriptions/prod");
  EXPECT_THAT(Ancestors(on_subscription),
              ElementsAre(on_subscription, "subscriptions/prod", "tenants/contoso", "/"));
  const std::string on_all = Assign("/");
  EXPECT_THAT(Ancestors(on_all), ElementsAre(on_all, "/"));
}

TEST_F(IdentityHierarchyTest, WhatDoesNotExistLiesBelowTheRootOnly) {
  for (const std::string& resource :
       {std::string("subscriptions/none"), std::string("identities/none"), std::string("nonsense"),
        std::string("roleAssignments/7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10"), std::string("a//b")}) {
    EXPECT_THAT(Ancestors(resource), ElementsAre(resource, "/"));
  }
}

}  // namespace
}  // namespace keyward::managed_identity
