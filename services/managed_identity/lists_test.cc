// Who administers one tenant lists what is in it, over mutual TLS, and nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "services/managed_identity/test_server.h"

namespace keyward::managed_identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;
using Identities = identity::v1::IdentityService::Stub;
using Roles = identity::v1::RoleService::Stub;
using Tenants = identity::v1::TenantService::Stub;

constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

// Tenants contoso, with the subscriptions dev and prod, and fabrikam, with other; an identity in
// each, of the same id. Bob administers contoso.
class ListsTest : public TestServer {
 protected:
  struct Stubs {
    explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
        : tenants(channel), identities(channel), roles(channel) {}
    Tenants tenants;
    Identities identities;
    Roles roles;
  };

  ListsTest()
      : alice_(AsOperator("alice")), bob_(AsOperator("bob")), encryption_(AsService("encryption")) {
    for (const char* id : {"contoso", "fabrikam"}) {
      identity::v1::CreateTenantRequest request;
      request.set_tenant_id(id);
      EXPECT_TRUE(Call(alice_.tenants, &Tenants::CreateTenant, request).ok());
    }
    Make("dev", "contoso");
    Make("prod", "contoso");
    Make("other", "fabrikam");
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(kBob);
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
    request.mutable_role_assignment()->set_scope("tenants/contoso");
    EXPECT_TRUE(Call(alice_.roles, &Roles::CreateRoleAssignment, request).ok());
  }

  void Make(const std::string& id, const std::string& tenant) {
    identity::v1::CreateSubscriptionRequest subscription;
    subscription.set_subscription_id(id);
    subscription.mutable_subscription()->set_tenant("tenants/" + tenant);
    EXPECT_TRUE(Call(alice_.tenants, &Tenants::CreateSubscription, subscription).ok());
    identity::v1::CreateIdentityRequest identity;
    identity.set_identity_id(id);
    identity.set_resource("accounts/" + id);
    identity.set_subscription("subscriptions/" + id);
    EXPECT_TRUE(Call(encryption_, &Identities::CreateIdentity, identity).ok());
  }

  // What is listed, or the one reason why nothing is.
  Names Subscriptions(Stubs& caller, const std::string& parent) {
    identity::v1::ListSubscriptionsRequest request;
    request.set_parent(parent);
    const auto listed = Call(caller.tenants, &Tenants::ListSubscriptions, request);
    if (!listed.ok()) return {ErrorReason(listed.status())};
    Names names;
    for (const auto& subscription : listed->subscriptions()) names.push_back(subscription.name());
    return names;
  }
  Names IdentitiesIn(Stubs& caller, const std::string& parent) {
    identity::v1::ListIdentitiesRequest request;
    request.set_parent(parent);
    const auto listed = Call(caller.identities, &Identities::ListIdentities, request);
    if (!listed.ok()) return {ErrorReason(listed.status())};
    Names names;
    for (const auto& identity : listed->identities()) names.push_back(identity.name());
    return names;
  }
  Names PrincipalsOn(Stubs& caller, const std::string& scope) {
    identity::v1::ListRoleAssignmentsRequest request;
    request.set_scope(scope);
    const auto listed = Call(caller.roles, &Roles::ListRoleAssignments, request);
    if (!listed.ok()) return {ErrorReason(listed.status())};
    Names principals;
    for (const auto& role : listed->role_assignments()) principals.push_back(role.principal());
    return principals;
  }

  Stubs alice_;
  Stubs bob_;
  Identities encryption_;
};

TEST_F(ListsTest, SubscriptionsOfOnesTenant) {
  EXPECT_THAT(Subscriptions(bob_, "tenants/contoso"),
              ElementsAre("subscriptions/dev", "subscriptions/prod"));
  for (const char* parent : {"", "/", "tenants/fabrikam", "tenants/nobody"}) {
    EXPECT_THAT(Subscriptions(bob_, parent), ElementsAre("NOT_AUTHORIZED")) << parent;
  }
  EXPECT_EQ(Subscriptions(alice_, "").size(), 3u);
  EXPECT_THAT(Subscriptions(alice_, "tenants/fabrikam"), ElementsAre("subscriptions/other"));
  EXPECT_THAT(Subscriptions(alice_, "tenants/nobody"), ElementsAre("TENANT_NOT_FOUND"));
  EXPECT_THAT(Subscriptions(alice_, "subscriptions/dev"), ElementsAre("INVALID_REQUEST"));
}

TEST_F(ListsTest, IdentitiesInOnesTenantAndSubscription) {
  EXPECT_THAT(IdentitiesIn(bob_, "tenants/contoso"),
              ElementsAre("identities/dev", "identities/prod"));
  EXPECT_THAT(IdentitiesIn(bob_, "subscriptions/prod"), ElementsAre("identities/prod"));
  for (const char* parent : {"", "tenants/fabrikam", "subscriptions/other", "subscriptions/none"}) {
    EXPECT_THAT(IdentitiesIn(bob_, parent), ElementsAre("NOT_AUTHORIZED")) << parent;
  }
  EXPECT_EQ(IdentitiesIn(alice_, "").size(), 3u);
  EXPECT_THAT(IdentitiesIn(alice_, "tenants/nobody"), ElementsAre("TENANT_NOT_FOUND"));
  EXPECT_THAT(IdentitiesIn(alice_, "subscriptions/none"), ElementsAre("SUBSCRIPTION_NOT_FOUND"));
  // Bob may ask about it, and it is no place where identities are.
  EXPECT_THAT(IdentitiesIn(bob_, "accounts/dev"), ElementsAre("INVALID_REQUEST"));
}

TEST_F(ListsTest, RolesOnWhatOneAdministers) {
  EXPECT_THAT(PrincipalsOn(bob_, "tenants/contoso"), ElementsAre(kBob));
  EXPECT_THAT(PrincipalsOn(bob_, "subscriptions/prod"), IsEmpty());
  for (const char* scope : {"", "/", "tenants/fabrikam", "subscriptions/other"}) {
    EXPECT_THAT(PrincipalsOn(bob_, scope), ElementsAre("NOT_AUTHORIZED")) << scope;
  }
  EXPECT_EQ(PrincipalsOn(alice_, "").size(), 2u);
  EXPECT_EQ(PrincipalsOn(alice_, "/").size(), 2u);
  EXPECT_THAT(PrincipalsOn(alice_, "nowhere"), ElementsAre("INVALID_REQUEST"));
}

TEST_F(ListsTest, APageTokenBelongsToOneParent) {
  identity::v1::ListSubscriptionsRequest request;
  request.set_parent("tenants/contoso");
  request.set_page_size(1);
  const auto first = Call(bob_.tenants, &Tenants::ListSubscriptions, request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_NE(first->next_page_token(), "");
  request.set_page_token(first->next_page_token());
  const auto second = Call(bob_.tenants, &Tenants::ListSubscriptions, request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->subscriptions_size(), 1);
  EXPECT_EQ(second->subscriptions(0).name(), "subscriptions/prod");
  EXPECT_EQ(second->next_page_token(), "");
  request.set_parent("tenants/fabrikam");
  EXPECT_EQ(ErrorReason(Call(alice_.tenants, &Tenants::ListSubscriptions, request).status()),
            "INVALID_REQUEST");
}

}  // namespace
}  // namespace keyward::managed_identity
