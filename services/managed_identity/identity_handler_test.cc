#include "services/managed_identity/identity_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using State = identity::v1::Identity;

class IdentityHandlerTest : public HandlerFixture {
 protected:
  IdentityHandlerTest() {
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
  }

  absl::StatusOr<identity::v1::Identity> Create(const std::string& id, const std::string& resource,
                                                const std::string& subscription) {
    identity::v1::CreateIdentityRequest request;
    request.set_identity_id(id);
    request.set_resource(resource);
    request.set_subscription(subscription);
    return identities_->Create(Call(), request);
  }

  static identity::v1::DisableIdentityRequest DisableRequest(const std::string& id) {
    identity::v1::DisableIdentityRequest request;
    request.set_name("identities/" + id);
    return request;
  }

  static identity::v1::DeleteIdentityRequest DeleteRequest(const std::string& id) {
    identity::v1::DeleteIdentityRequest request;
    request.set_name("identities/" + id);
    return request;
  }

  absl::StatusOr<identity::v1::Identity> Enable(const std::string& id) {
    identity::v1::EnableIdentityRequest request;
    request.set_name("identities/" + id);
    return identities_->Enable(Call(), request);
  }
};

TEST_F(IdentityHandlerTest, RolesEndWithTheIdentityAndItsResource) {
  MakeEnabledIdentity("one", "prod");
  MakeEnabledIdentity("one-more", "prod");
  for (const char* scope : {"identities/one", "accounts/one", "accounts/one/parts/a",
                            "accounts/one-more", "identities/one-more"}) {
    const auto given = MakeBobAdministrator(scope);
    ASSERT_TRUE(given.ok()) << given.status();
  }
  ASSERT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  std::vector<std::string> left;
  const auto listed = roles_->List({});
  ASSERT_TRUE(listed.ok()) << listed.status();
  for (const auto& assignment : listed->role_assignments()) left.push_back(assignment.scope());
  EXPECT_THAT(left, ::testing::IsSupersetOf({"accounts/one-more", "identities/one-more"}));
  EXPECT_THAT(left, ::testing::Not(::testing::Contains(HasSubstr("/one/"))));
  EXPECT_THAT(left, ::testing::Not(::testing::Contains("accounts/one")));
  EXPECT_THAT(left, ::testing::Not(::testing::Contains("identities/one")));
  EXPECT_EQ(ErrorReason(MakeBobAdministrator("identities/one").status()), "IDENTITY_NOT_FOUND");
}

TEST_F(IdentityHandlerTest, RegisteredIdentityHasNoPrincipal) {
  const auto made = Create("one", "accounts/one", "subscriptions/prod");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name(), "identities/one");
  EXPECT_EQ(made->resource(), "accounts/one");
  EXPECT_EQ(made->subscription(), "subscriptions/prod");
  EXPECT_EQ(made->tenant(), "tenants/contoso");
  EXPECT_EQ(made->state(), State::STATE_DISABLED);
  EXPECT_EQ(made->principal_id(), "");
  EXPECT_THAT(EventLines(), ElementsAre("SubscriptionCreated subscriptions/prod"));
}

TEST_F(IdentityHandlerTest, RegisteringTheSameResourceAgainReturnsWhatExists) {
  const identity::v1::Identity enabled = MakeEnabledIdentity("one", "prod");
  clock_.Advance(absl::Seconds(1));
  const auto again = Create("one", "accounts/one", "subscriptions/prod");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*again, enabled));
}

TEST_F(IdentityHandlerTest, RegistrationIsRefused) {
  MakeIdentity("one", "prod");
  MakeSubscription("test", "contoso");
  const struct {
    const char *id, *resource, *subscription;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {"one", "accounts/two", "subscriptions/prod", absl::StatusCode::kAlreadyExists,
       "IDENTITY_EXISTS"},
      {"two", "accounts/one", "subscriptions/prod", absl::StatusCode::kAlreadyExists,
       "IDENTITY_EXISTS"},
      {"one", "accounts/one", "subscriptions/test", absl::StatusCode::kAlreadyExists,
       "IDENTITY_EXISTS"},
      {"two", "accounts/two", "subscriptions/none", absl::StatusCode::kFailedPrecondition,
       "SUBSCRIPTION_NOT_FOUND"},
      {"two", "/", "subscriptions/prod", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"two", "accounts", "subscriptions/prod", absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"Two", "accounts/two", "subscriptions/prod", absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
  };
  for (const auto& c : cases) {
    const absl::Status status = Create(c.id, c.resource, c.subscription).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(ErrorReason(status), c.reason);
  }
}

TEST_F(IdentityHandlerTest, EachEnablingMakesANewPrincipalAndTheOldOneIsGoneForGood) {
  MakeIdentity("one", "prod");
  std::set<std::string> principals;
  for (int i = 0; i < 3; ++i) {
    const identity::v1::Identity enabled = EnableIdentity("one");
    EXPECT_EQ(enabled.state(), State::STATE_ENABLED);
    EXPECT_EQ(enabled.state_reason(), "");
    EXPECT_TRUE(IsUuid(enabled.principal_id()));
    EXPECT_TRUE(principals.insert(enabled.principal_id()).second);
    const auto disabled = identities_->Disable(Call(), DisableRequest("one"));
    ASSERT_TRUE(disabled.ok()) << disabled.status();
    EXPECT_EQ(disabled->identity().state(), State::STATE_DISABLED);
    EXPECT_EQ(disabled->identity().principal_id(), "");
    EXPECT_THAT(disabled->identity().state_reason(), HasSubstr(kAlice));
  }
  for (const std::string& principal : principals) {
    EXPECT_FALSE(directory_->FindPrincipal(principal)->active);
  }
  Restart();
  for (const std::string& principal : principals) {
    EXPECT_FALSE(directory_->FindPrincipal(principal)->active);
  }
}

TEST_F(IdentityHandlerTest, EventsNameThePrincipalAndTheResource) {
  const std::string principal = MakeEnabledIdentity("one", "prod").principal_id();
  ASSERT_TRUE(identities_->Disable(Call(), DisableRequest("one")).ok());
  const std::vector<events::v1::Event> events = Events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].type(), "keyward.identity.IdentityEnabled");
  EXPECT_EQ(events[2].type(), "keyward.identity.IdentityDisabled");
  for (const int i : {1, 2}) {
    identity::v1::PrincipalChanged change;
    ASSERT_TRUE(events[i].data().UnpackTo(&change));
    EXPECT_EQ(events[i].subject(), "identities/one");
    EXPECT_EQ(change.identity(), "identities/one");
    EXPECT_EQ(change.resource(), "accounts/one");
    EXPECT_EQ(change.tenant(), "tenants/contoso");
    EXPECT_EQ(change.principal_id(), principal);
    EXPECT_EQ(change.active(), i == 1);
  }
}

TEST_F(IdentityHandlerTest, EnablingTheEnabledAndDisablingTheDisabledChangeNothing) {
  const identity::v1::Identity enabled = MakeEnabledIdentity("one", "prod");
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(MessageDifferencer::Equals(EnableIdentity("one"), enabled));
  ASSERT_TRUE(identities_->Disable(Call(), DisableRequest("one")).ok());
  const std::vector<std::string> lines = EventLines();
  const identity::v1::Identity before = GetIdentity("one");
  clock_.Advance(absl::Seconds(1));
  const auto again = identities_->Disable(Call(), DisableRequest("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(again->identity(), before));
  EXPECT_EQ(again->delivery().sequence(), 3);
  EXPECT_EQ(EventLines(), lines);
}

TEST_F(IdentityHandlerTest, DeletedIdentityLeavesNothingAndMakesRoomForItsResourceMadeAnew) {
  const identity::v1::Identity first = MakeEnabledIdentity("one", "prod");
  const auto deleted = identities_->Delete(Call(), DeleteRequest("one"));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->identity().state(), State::STATE_DELETED);
  EXPECT_THAT(deleted->identity().state_reason(), HasSubstr(kAlice));
  EXPECT_THAT(EventLines().back(), HasSubstr("IdentityDeleted"));
  EXPECT_FALSE(directory_->FindPrincipal(first.principal_id())->active);
  EXPECT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  EXPECT_EQ(GetIdentity("one").state(), State::STATE_DELETED);
  EXPECT_EQ(EventLines().size(), 3u);

  clock_.Advance(absl::Hours(1));
  const identity::v1::Identity anew = MakeIdentity("one", "prod");
  EXPECT_EQ(anew.state(), State::STATE_DISABLED);
  EXPECT_EQ(anew.create_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_NE(EnableIdentity("one").principal_id(), first.principal_id());
}

TEST_F(IdentityHandlerTest, DeletedIdentityOfALivingResourceComesBackByEnablingWithANewPrincipal) {
  const std::string first = MakeEnabledIdentity("one", "prod").principal_id();
  ASSERT_TRUE(MakeBobAdministrator("accounts/one").ok());
  const int roles = roles_->List({})->role_assignments_size();
  ASSERT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  const auto back = Enable("one");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->state(), State::STATE_ENABLED);
  EXPECT_EQ(back->state_reason(), "");
  EXPECT_EQ(back->resource(), "accounts/one");
  EXPECT_EQ(back->tenant(), "tenants/contoso");
  EXPECT_NE(back->principal_id(), first);
  EXPECT_FALSE(directory_->FindPrincipal(first)->active);
  EXPECT_TRUE(directory_->FindPrincipal(back->principal_id())->active);
  EXPECT_EQ(EventLines().back(), "IdentityEnabled identities/one");
  // What was given before does not come back.
  EXPECT_EQ(roles_->List({})->role_assignments_size(), roles - 1);
}

TEST_F(IdentityHandlerTest, AServiceManagesTheIdentitiesOfAccountsAlone) {
  server::CallContext encryption = Call();
  encryption.caller.kind = auth::Caller::Kind::kService;
  identity::v1::CreateIdentityRequest create;
  create.set_subscription("subscriptions/prod");
  identity::v1::EnableIdentityRequest enable;
  for (const auto& [id, resource] :
       {std::pair("vault", "vaults/v"), std::pair("part", "accounts/one/parts/a")}) {
    create.set_identity_id(id);
    create.set_resource(resource);
    EXPECT_EQ(ErrorReason(identities_->Create(encryption, create).status()), "NOT_AUTHORIZED");
    ASSERT_TRUE(identities_->Create(Call(), create).ok());
    enable.set_name(std::string("identities/") + id);
    EXPECT_EQ(ErrorReason(identities_->Enable(encryption, enable).status()), "NOT_AUTHORIZED");
    EXPECT_EQ(GetIdentity(id).state(), State::STATE_DISABLED);
  }
  create.set_identity_id("one");
  create.set_resource("accounts/one");
  EXPECT_TRUE(identities_->Create(encryption, create).ok());
  enable.set_name("identities/one");
  EXPECT_TRUE(identities_->Enable(encryption, enable).ok());
}

TEST_F(IdentityHandlerTest, TheNameOfADeletedIdentityIsFreeForAnyResource) {
  const std::string first = MakeEnabledIdentity("one", "prod").principal_id();
  MakeSubscription("test", "contoso");
  EXPECT_EQ(ErrorReason(Create("one", "accounts/other", "subscriptions/test").status()),
            "IDENTITY_EXISTS");
  ASSERT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  const auto other = Create("one", "accounts/other", "subscriptions/test");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->resource(), "accounts/other");
  EXPECT_EQ(GetIdentity("one").resource(), "accounts/other");
  EXPECT_EQ(GetIdentity("one").subscription(), "subscriptions/test");
  EXPECT_NE(EnableIdentity("one").principal_id(), first);
  // The resource may have an identity again, under another name; and still only one.
  EXPECT_TRUE(Create("two", "accounts/one", "subscriptions/prod").ok());
  ASSERT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  EXPECT_EQ(ErrorReason(Create("one", "accounts/one", "subscriptions/prod").status()),
            "IDENTITY_EXISTS");
}

TEST_F(IdentityHandlerTest, DeletingWhatHasNoPrincipalMakesNoEvent) {
  MakeIdentity("one", "prod");
  ASSERT_TRUE(identities_->Delete(Call(), DeleteRequest("one")).ok());
  EXPECT_EQ(EventLines().size(), 1u);
}

TEST_F(IdentityHandlerTest, UnknownIdentityIsNotFound) {
  for (const absl::Status& status :
       {Enable("none").status(), identities_->Disable(Call(), DisableRequest("none")).status(),
        identities_->Delete(Call(), DeleteRequest("none")).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(ErrorReason(status), "IDENTITY_NOT_FOUND");
  }
}

TEST_F(IdentityHandlerTest, ValidateOnlyChangesNothing) {
  const identity::v1::Identity before = MakeEnabledIdentity("one", "prod");
  identity::v1::DisableIdentityRequest disable = DisableRequest("one");
  disable.set_validate_only(true);
  const auto disabled = identities_->Disable(Call(), disable);
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_EQ(disabled->identity().state(), State::STATE_DISABLED);
  EXPECT_FALSE(disabled->has_delivery());
  identity::v1::DeleteIdentityRequest remove = DeleteRequest("one");
  remove.set_validate_only(true);
  ASSERT_TRUE(identities_->Delete(Call(), remove).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(GetIdentity("one"), before));
  EXPECT_TRUE(directory_->FindPrincipal(before.principal_id())->active);
  EXPECT_EQ(EventLines().size(), 2u);
}

TEST_F(IdentityHandlerTest, DisableWaitsForALiveConsumerAndNamesIt) {
  MakeEnabledIdentity("one", "prod");
  TestConsumer consumer(*feed_, "key_vault");
  consumer.RenewLease();
  const int seen = clock_.waiters();
  auto disabling = std::async(std::launch::async,
                              [&] { return identities_->Disable(Call(), DisableRequest("one")); });
  clock_.AwaitWaiter(seen);
  EXPECT_EQ(disabling.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  consumer.ApplyUpTo(3);
  const auto disabled = disabling.get();
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_EQ(disabled->delivery().sequence(), 3);
  EXPECT_THAT(disabled->delivery().applied(), ElementsAre("key_vault/0"));
  EXPECT_THAT(disabled->delivery().waited_out(), IsEmpty());
}

TEST_F(IdentityHandlerTest, DisableWaitsOutADeadConsumerAndNamesIt) {
  MakeEnabledIdentity("one", "prod");
  TestConsumer consumer(*feed_, "key_vault");
  consumer.RenewLease();
  const int seen = clock_.waiters();
  auto disabling = std::async(std::launch::async,
                              [&] { return identities_->Disable(Call(), DisableRequest("one")); });
  clock_.AwaitWaiter(seen);
  clock_.Advance(absl::Seconds(11));
  const auto disabled = disabling.get();
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_THAT(disabled->delivery().applied(), IsEmpty());
  EXPECT_THAT(disabled->delivery().waited_out(), ElementsAre("key_vault/0"));
  // Its lease is over, so it costs nothing any more.
  EnableIdentity("one");
  EXPECT_TRUE(identities_->Disable(Call(), DisableRequest("one")).ok());
}

TEST_F(IdentityHandlerTest, ImpatientCallerMayComeBackToWait) {
  MakeEnabledIdentity("one", "prod");
  TestConsumer consumer(*feed_, "key_vault");
  consumer.RenewLease();
  server::CallContext impatient = Call();
  impatient.deadline = clock_.Now();
  const absl::Status status = identities_->Disable(impatient, DisableRequest("one")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ErrorReason(status), "DELIVERY_PENDING");
  EXPECT_EQ(GetIdentity("one").state(), State::STATE_DISABLED);

  const int seen = clock_.waiters();
  auto again = std::async(std::launch::async,
                          [&] { return identities_->Disable(Call(), DisableRequest("one")); });
  clock_.AwaitWaiter(seen);
  consumer.ApplyUpTo(3);
  const auto disabled = again.get();
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_THAT(disabled->delivery().applied(), ElementsAre("key_vault/0"));
}

TEST_F(IdentityHandlerTest, DisableSentAgainWithTheSameRequestIdReturnsTheFirstAnswer) {
  MakeEnabledIdentity("one", "prod");
  identity::v1::DisableIdentityRequest request = DisableRequest("one");
  request.set_request_id(kRequestId);
  const auto first = identities_->Disable(Call(), request);
  const identity::v1::Identity enabled = EnableIdentity("one");
  const auto second = identities_->Disable(Call(), request);
  ASSERT_TRUE(first.ok() && second.ok()) << second.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *second));
  EXPECT_TRUE(MessageDifferencer::Equals(GetIdentity("one"), enabled));
}

TEST_F(IdentityHandlerTest, ListsByName) {
  for (const char* id : {"two", "one", "three"}) MakeIdentity(id, "prod");
  identity::v1::ListIdentitiesRequest request;
  request.set_page_size(2);
  const auto first = identities_->List(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->identities_size(), 2);
  EXPECT_EQ(first->identities(0).name(), "identities/one");
  EXPECT_EQ(first->identities(1).name(), "identities/three");
  request.set_page_token(first->next_page_token());
  const auto second = identities_->List(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->identities_size(), 1);
  EXPECT_EQ(second->identities(0).name(), "identities/two");
}

}  // namespace
}  // namespace keyward::managed_identity
