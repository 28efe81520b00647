#include "services/managed_identity/role_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using identity::v1::CreateRoleAssignmentRequest;
using identity::v1::DeleteRoleAssignmentRequest;
using identity::v1::RoleAssignment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

class RoleHandlerTest : public HandlerFixture {
 protected:
  // What is stored is counted here, so alice's role is in the directory alone.
  RoleHandlerTest() {
    EXPECT_EQ(database_->Write([](storage::Transaction& tx) {
      return DeleteRoleAssignment(tx, RoleAssignmentName::FromTrustedId("of-the-fixture"));
    }),
              absl::OkStatus());
  }

  static CreateRoleAssignmentRequest Wanted(const std::string& principal, identity::v1::Role role,
                                            const std::string& scope) {
    CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(principal);
    request.mutable_role_assignment()->set_role(role);
    request.mutable_role_assignment()->set_scope(scope);
    return request;
  }

  RoleAssignment Assign(const std::string& principal, identity::v1::Role role,
                        const std::string& scope) {
    const auto made = roles_->Create(Call(), Wanted(principal, role, scope));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.value_or(RoleAssignment());
  }

  absl::StatusOr<identity::v1::DeleteRoleAssignmentResponse> Delete(const std::string& name,
                                                                    bool validate_only = false) {
    DeleteRoleAssignmentRequest request;
    request.set_name(name);
    request.set_validate_only(validate_only);
    return roles_->Delete(Call(), request);
  }

  bool MayReadAll(const std::string& principal) {
    return directory_->HoldsPermission(principal, "identity.tenants.get", {"/"});
  }
};

TEST_F(RoleHandlerTest, AssignmentCountsAtOnceAndAfterARestart) {
  const RoleAssignment made = Assign(kBob, identity::v1::ROLE_READER, "/");
  EXPECT_THAT(made.name(), HasSubstr("roleAssignments/"));
  EXPECT_EQ(made.principal(), kBob);
  EXPECT_TRUE(MayReadAll(kBob));
  Restart();
  EXPECT_TRUE(MayReadAll(kBob));

  const auto listed = roles_->List(identity::v1::ListRoleAssignmentsRequest());
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->role_assignments_size(), 1);
  EXPECT_TRUE(MessageDifferencer::Equals(listed->role_assignments(0), made));
}

TEST_F(RoleHandlerTest, WithdrawnRoleCountsNoMoreAndIsPublished) {
  const RoleAssignment made = Assign(kBob, identity::v1::ROLE_READER, "/");
  clock_.Advance(absl::Seconds(1));
  const auto deleted = Delete(made.name());
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_TRUE(MessageDifferencer::Equals(deleted->role_assignment(), made));
  EXPECT_EQ(deleted->delivery().sequence(), 2);
  EXPECT_FALSE(MayReadAll(kBob));
  EXPECT_THAT(EventLines(), ElementsAre("RoleAssignmentCreated " + made.name(),
                                        "RoleAssignmentDeleted " + made.name()));
  identity::v1::RoleAssignmentChanged change;
  ASSERT_TRUE(Events()[1].data().UnpackTo(&change));
  EXPECT_TRUE(change.deleted());
  EXPECT_TRUE(MessageDifferencer::Equals(change.role_assignment(), made));
  EXPECT_EQ(change.not_before().seconds(), absl::ToUnixSeconds(clock_.Now()));

  const absl::Status again = Delete(made.name()).status();
  EXPECT_EQ(again.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(again), "ROLE_ASSIGNMENT_NOT_FOUND");
  Restart();
  EXPECT_FALSE(MayReadAll(kBob));
}

// Its name tells nothing, and after it is gone nobody can look it up.
TEST_F(RoleHandlerTest, TheAuditTellsWhoGotAndLostWhatWhere) {
  const auto expected = ::testing::IsSupersetOf<std::pair<const std::string, std::string>>(
      {{"principal", kBob}, {"role", "ROLE_READER"}, {"scope", "/"}});
  const server::CallContext creation = Call();
  const auto made = roles_->Create(creation, Wanted(kBob, identity::v1::ROLE_READER, "/"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(creation.Notes(), expected);
  const server::CallContext deletion = Call();
  DeleteRoleAssignmentRequest request;
  request.set_name(made->name());
  ASSERT_TRUE(roles_->Delete(deletion, request).ok());
  EXPECT_THAT(deletion.Notes(), expected);
}

TEST_F(RoleHandlerTest, SameAssignmentTwiceIsRefused) {
  const RoleAssignment made = Assign(kBob, identity::v1::ROLE_READER, "/");
  const absl::Status status =
      roles_->Create(Call(), Wanted(kBob, identity::v1::ROLE_READER, "/")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(status), "ROLE_ASSIGNMENT_EXISTS");
  EXPECT_EQ(ErrorMetadata(status, "resource"), made.name());
}

TEST_F(RoleHandlerTest, BadAssignmentsAreRefusedAndChangeNothing) {
  const struct {
    std::string principal;
    int role;
    const char* scope;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {"", 6, "/", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"bob", 6, "/", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"spiffe://elsewhere/operator/bob", 6, "/", absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"spiffe://keyward.local/robot/bob", 6, "/", absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {kBob, 0, "/", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {kBob, 99, "/", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {kBob, 6, "", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {kBob, 6, "planets/mars", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {kBob, 6, "tenants/none", absl::StatusCode::kFailedPrecondition, "TENANT_NOT_FOUND"},
      {kBob, 6, "subscriptions/none", absl::StatusCode::kFailedPrecondition,
       "SUBSCRIPTION_NOT_FOUND"},
      {kBob, 6, "identities/none", absl::StatusCode::kFailedPrecondition, "IDENTITY_NOT_FOUND"},
      {NewUuid(), 6, "/", absl::StatusCode::kFailedPrecondition, "PRINCIPAL_NOT_FOUND"},
  };
  for (const auto& c : cases) {
    const absl::Status status =
        roles_
            ->Create(Call(), Wanted(c.principal, static_cast<identity::v1::Role>(c.role), c.scope))
            .status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(ErrorReason(status), c.reason) << status;
  }
  EXPECT_EQ(EventLines().size(), 0u);
}

TEST_F(RoleHandlerTest, RolesOnResourcesOfOtherServicesAndForIdentitiesAreFine) {
  MakeTenant("contoso");
  MakeSubscription("prod", "contoso");
  const std::string principal = MakeEnabledIdentity("one", "prod").principal_id();
  Assign(principal, identity::v1::ROLE_READER, "vaults/v");
  Assign(kBob, identity::v1::ROLE_CRYPTO_OFFICER, "vaults/v/keys/k");
  Assign(kBob, identity::v1::ROLE_READER, "tenants/contoso");
  Assign(kBob, identity::v1::ROLE_READER, "subscriptions/prod");
  Assign(kBob, identity::v1::ROLE_READER, "identities/one");
  Assign("spiffe://keyward.local/service/encryption", identity::v1::ROLE_READER, "/");
}

TEST_F(RoleHandlerTest, LastOperatorAdministratorStays) {
  MakeTenant("contoso");
  MakeSubscription("prod", "contoso");
  const std::string principal = MakeEnabledIdentity("one", "prod").principal_id();
  const RoleAssignment alice = Assign(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
  // Neither opens the door again: an identity may be disabled, and this is not everything.
  Assign(principal, identity::v1::ROLE_ADMINISTRATOR, "/");
  Assign(kBob, identity::v1::ROLE_ADMINISTRATOR, "tenants/contoso");
  for (const bool validate_only : {true, false}) {
    const absl::Status status = Delete(alice.name(), validate_only).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReason(status), "LAST_ADMINISTRATOR");
  }
  const RoleAssignment bob = Assign(kBob, identity::v1::ROLE_ADMINISTRATOR, "/");
  EXPECT_TRUE(Delete(alice.name()).ok());
  EXPECT_EQ(ErrorReason(Delete(bob.name()).status()), "LAST_ADMINISTRATOR");
}

TEST_F(RoleHandlerTest, ValidateOnlyDeletesNothing) {
  const RoleAssignment made = Assign(kBob, identity::v1::ROLE_READER, "/");
  const auto tried = Delete(made.name(), /*validate_only=*/true);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_TRUE(MessageDifferencer::Equals(tried->role_assignment(), made));
  EXPECT_FALSE(tried->has_delivery());
  EXPECT_TRUE(MayReadAll(kBob));
  EXPECT_EQ(EventLines().size(), 1u);
}

TEST_F(RoleHandlerTest, SentAgainWithTheSameRequestIdIsDoneOnce) {
  CreateRoleAssignmentRequest create = Wanted(kBob, identity::v1::ROLE_READER, "/");
  create.set_request_id(kRequestId);
  const auto made = roles_->Create(Call(), create);
  const auto made_again = roles_->Create(Call(), create);
  ASSERT_TRUE(made.ok() && made_again.ok()) << made_again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*made, *made_again));

  DeleteRoleAssignmentRequest remove;
  remove.set_name(made->name());
  remove.set_request_id("0b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10");
  const auto removed = roles_->Delete(Call(), remove);
  const auto removed_again = roles_->Delete(Call(), remove);
  ASSERT_TRUE(removed.ok() && removed_again.ok()) << removed_again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*removed, *removed_again));
  EXPECT_EQ(EventLines().size(), 2u);
}

TEST_F(RoleHandlerTest, WithdrawingReturnsWhenTheLiveConsumerHasAppliedIt) {
  const RoleAssignment made = Assign(kBob, identity::v1::ROLE_READER, "/");
  TestConsumer consumer(*feed_, "model_deployment");
  consumer.RenewLease();
  const int seen = clock_.waiters();
  auto deleting = std::async(std::launch::async, [&] { return Delete(made.name()); });
  clock_.AwaitWaiter(seen);
  EXPECT_EQ(deleting.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  consumer.ApplyUpTo(2);
  const auto deleted = deleting.get();
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_THAT(deleted->delivery().applied(), ElementsAre("model_deployment/0"));
}

}  // namespace
}  // namespace keyward::managed_identity
