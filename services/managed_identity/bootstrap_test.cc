#include "services/managed_identity/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/managed_identity/handler_fixture.h"

namespace keyward::managed_identity {
namespace {

constexpr char kCarol[] = "spiffe://keyward.local/operator/carol";
constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

class BootstrapTest : public HandlerFixture {
 protected:
  BootstrapResult Bootstrap(const std::string& spiffe_id) {
    const auto result = BootstrapAdministrator(*changes_, spiffe_id, "keyward.local");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(BootstrapResult());
  }

  // Carol, since alice is known to the fixture's directory anyway.
  bool IsAdministrator(const std::string& principal) {
    return directory_->HoldsPermission(principal, "identity.roleAssignments.create", {"/"});
  }
};

TEST_F(BootstrapTest, FreshInstallationHasExactlyOneWayIn) {
  const BootstrapResult first = Bootstrap(kCarol);
  EXPECT_TRUE(first.made);
  EXPECT_EQ(first.administrator, kCarol);
  EXPECT_TRUE(IsAdministrator(kCarol));

  Restart();
  const BootstrapResult second = Bootstrap(kBob);
  EXPECT_FALSE(second.made);
  EXPECT_TRUE(second.ignored);
  EXPECT_EQ(second.administrator, kCarol);
  EXPECT_FALSE(IsAdministrator(kBob));
  EXPECT_TRUE(IsAdministrator(kCarol));

  const BootstrapResult third = Bootstrap(kCarol);
  EXPECT_FALSE(third.made || third.ignored);
  EXPECT_EQ(EventLines().size(), 1u);
}

TEST_F(BootstrapTest, WithoutAFlagNobodyGetsInAndALaterStartMayStillNameOne) {
  const BootstrapResult none = Bootstrap("");
  EXPECT_FALSE(none.made || none.ignored);
  EXPECT_EQ(none.administrator, "");
  EXPECT_EQ(EventLines().size(), 0u);
  EXPECT_TRUE(Bootstrap(kBob).made);
}

TEST_F(BootstrapTest, WithdrawnAdministratorDoesNotComeBackByTheFlag) {
  Bootstrap(kCarol);
  identity::v1::CreateRoleAssignmentRequest create;
  create.mutable_role_assignment()->set_principal(kBob);
  create.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
  create.mutable_role_assignment()->set_scope("/");
  ASSERT_TRUE(roles_->Create(Call(), create).ok());
  const auto listed = roles_->List(identity::v1::ListRoleAssignmentsRequest());
  ASSERT_TRUE(listed.ok());
  for (const auto& assignment : listed->role_assignments()) {
    identity::v1::DeleteRoleAssignmentRequest remove;
    remove.set_name(assignment.name());
    if (assignment.principal() == kCarol) {
      EXPECT_TRUE(roles_->Delete(Call(), remove).ok());
    }
  }
  Restart();
  EXPECT_FALSE(Bootstrap(kCarol).made);
  EXPECT_FALSE(IsAdministrator(kCarol));
}

TEST_F(BootstrapTest, WhatIsNoOperatorIsRefused) {
  for (const char* id : {"alice", "spiffe://keyward.local/service/encryption",
                         "spiffe://elsewhere/operator/alice", "spiffe://keyward.local/operator/"}) {
    EXPECT_EQ(BootstrapAdministrator(*changes_, id, "keyward.local").status().code(),
              absl::StatusCode::kInvalidArgument)
        << id;
  }
}

}  // namespace
}  // namespace keyward::managed_identity
