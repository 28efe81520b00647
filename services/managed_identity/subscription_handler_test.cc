#include "services/managed_identity/subscription_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/handler_fixture.h"

namespace keyward::managed_identity {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using identity::v1::MoveSubscriptionRequest;
using identity::v1::MoveSubscriptionResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SubscriptionHandlerTest : public HandlerFixture {
 protected:
  SubscriptionHandlerTest() {
    MakeTenant("contoso");
    MakeTenant("fabrikam");
    MakeSubscription("prod", "contoso");
  }

  static MoveSubscriptionRequest MoveTo(const std::string& tenant_id) {
    MoveSubscriptionRequest request;
    request.set_name("subscriptions/prod");
    request.set_destination_tenant("tenants/" + tenant_id);
    return request;
  }

  identity::v1::Subscription Get(const std::string& id) {
    identity::v1::GetSubscriptionRequest request;
    request.set_name("subscriptions/" + id);
    const auto got = subscriptions_->Get(request);
    EXPECT_TRUE(got.ok()) << got.status();
    return got.value_or(identity::v1::Subscription());
  }
};

TEST_F(SubscriptionHandlerTest, CreationIsPublished) {
  EXPECT_THAT(EventLines(), ElementsAre("SubscriptionCreated subscriptions/prod"));
  identity::v1::SubscriptionChanged change;
  const events::v1::Event event = Events()[0];
  ASSERT_TRUE(event.data().UnpackTo(&change));
  EXPECT_EQ(change.subscription(), "subscriptions/prod");
  EXPECT_EQ(change.tenant(), "tenants/contoso");
  EXPECT_EQ(change.previous_tenant(), "");
  EXPECT_EQ(event.correlation_id(), "c0ffee");
  Restart();
  EXPECT_EQ(Get("prod").tenant(), "tenants/contoso");
}

TEST_F(SubscriptionHandlerTest, CreationIsRefused) {
  const struct {
    const char *id, *tenant;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {"prod", "tenants/contoso", absl::StatusCode::kAlreadyExists, "SUBSCRIPTION_EXISTS"},
      {"test", "tenants/nobody", absl::StatusCode::kFailedPrecondition, "TENANT_NOT_FOUND"},
      {"test", "", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"test", "contoso", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"", "tenants/contoso", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
  };
  for (const auto& c : cases) {
    identity::v1::CreateSubscriptionRequest request;
    request.set_subscription_id(c.id);
    request.mutable_subscription()->set_tenant(c.tenant);
    const absl::Status status = subscriptions_->Create(Call(), request).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(ErrorReason(status), c.reason);
  }
  EXPECT_EQ(EventLines().size(), 1u);
}

TEST_F(SubscriptionHandlerTest, CreatedAgainWithTheSameRequestIdOnce) {
  identity::v1::CreateSubscriptionRequest request;
  request.set_subscription_id("test");
  request.mutable_subscription()->set_tenant("tenants/contoso");
  request.set_request_id(kRequestId);
  const auto first = subscriptions_->Create(Call(), request);
  const auto second = subscriptions_->Create(Call(), request);
  ASSERT_TRUE(first.ok() && second.ok()) << second.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *second));
  EXPECT_EQ(EventLines().size(), 2u);
}

TEST_F(SubscriptionHandlerTest, ListsByName) {
  MakeSubscription("aaa", "fabrikam");
  identity::v1::ListSubscriptionsRequest request;
  request.set_page_size(1);
  const auto first = subscriptions_->List(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->subscriptions_size(), 1);
  EXPECT_EQ(first->subscriptions(0).name(), "subscriptions/aaa");
  request.set_page_token(first->next_page_token());
  const auto second = subscriptions_->List(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->subscriptions_size(), 1);
  EXPECT_EQ(second->subscriptions(0).name(), "subscriptions/prod");
  EXPECT_THAT(second->next_page_token(), IsEmpty());
}

TEST_F(SubscriptionHandlerTest, TheAuditTellsFromWhereAndWhere) {
  const server::CallContext call = Call();
  ASSERT_TRUE(subscriptions_->Move(call, MoveTo("fabrikam")).ok());
  EXPECT_EQ(call.Notes().at("origin_tenant"), "tenants/contoso");
  EXPECT_EQ(call.Notes().at("destination_tenant"), "tenants/fabrikam");
}

TEST_F(SubscriptionHandlerTest, MoveDropsEveryPrincipalInOneTransaction) {
  const std::string one = MakeEnabledIdentity("one", "prod").principal_id();
  const std::string two = MakeEnabledIdentity("two", "prod").principal_id();
  MakeIdentity("off", "prod");
  MakeSubscription("other", "contoso");
  const std::string elsewhere = MakeEnabledIdentity("elsewhere", "other").principal_id();
  const size_t before = EventLines().size();
  clock_.Advance(absl::Seconds(5));

  const auto moved = subscriptions_->Move(Call(), MoveTo("fabrikam"));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->subscription().tenant(), "tenants/fabrikam");
  EXPECT_THAT(moved->dropped_identities(), ElementsAre("identities/one", "identities/two"));

  std::vector<std::string> lines = EventLines();
  lines.erase(lines.begin(), lines.begin() + before);
  EXPECT_THAT(
      lines, ElementsAre("IdentityTransferred identities/one", "IdentityTransferred identities/two",
                         "SubscriptionMoved subscriptions/prod"));
  EXPECT_EQ(moved->delivery().sequence(), static_cast<int64_t>(before) + 3);
  identity::v1::PrincipalChanged lost;
  ASSERT_TRUE(Events()[before].data().UnpackTo(&lost));
  EXPECT_EQ(lost.principal_id(), one);
  EXPECT_EQ(lost.tenant(), "tenants/contoso");
  EXPECT_EQ(lost.resource(), "accounts/one");
  EXPECT_FALSE(lost.active());
  identity::v1::SubscriptionChanged change;
  ASSERT_TRUE(Events()[before + 2].data().UnpackTo(&change));
  EXPECT_EQ(change.tenant(), "tenants/fabrikam");
  EXPECT_EQ(change.previous_tenant(), "tenants/contoso");

  EXPECT_FALSE(directory_->FindPrincipal(one)->active);
  EXPECT_FALSE(directory_->FindPrincipal(two)->active);
  EXPECT_TRUE(directory_->FindPrincipal(elsewhere)->active);
  for (const char* id : {"one", "two", "off"}) {
    const identity::v1::Identity identity = GetIdentity(id);
    EXPECT_EQ(identity.state(), identity::v1::Identity::STATE_DISABLED);
    EXPECT_EQ(identity.tenant(), "tenants/fabrikam");
    EXPECT_EQ(identity.principal_id(), "");
  }
  EXPECT_THAT(GetIdentity("one").state_reason(), HasSubstr("tenants/fabrikam"));
  EXPECT_EQ(GetIdentity("off").state_reason(), "not enabled yet");
}

TEST_F(SubscriptionHandlerTest, MovingBackBringsNothingBackAndEnablingMakesANewPrincipal) {
  const std::string old = MakeEnabledIdentity("one", "prod").principal_id();
  ASSERT_TRUE(subscriptions_->Move(Call(), MoveTo("fabrikam")).ok());
  const auto back = subscriptions_->Move(Call(), MoveTo("contoso"));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->dropped_identities(), IsEmpty());
  EXPECT_EQ(GetIdentity("one").state(), identity::v1::Identity::STATE_DISABLED);
  const identity::v1::Identity enabled = EnableIdentity("one");
  EXPECT_EQ(enabled.tenant(), "tenants/contoso");
  EXPECT_NE(enabled.principal_id(), old);
  EXPECT_FALSE(directory_->FindPrincipal(old)->active);
}

TEST_F(SubscriptionHandlerTest, ValidateOnlyListsWhatWouldBeLostAndChangesNothing) {
  const std::string principal = MakeEnabledIdentity("one", "prod").principal_id();
  const std::vector<std::string> before = EventLines();
  MoveSubscriptionRequest request = MoveTo("fabrikam");
  request.set_validate_only(true);
  request.set_request_id(kRequestId);
  const auto tried = subscriptions_->Move(Call(), request);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_THAT(tried->dropped_identities(), ElementsAre("identities/one"));
  EXPECT_FALSE(tried->has_delivery());
  EXPECT_EQ(EventLines(), before);
  EXPECT_EQ(Get("prod").tenant(), "tenants/contoso");
  EXPECT_EQ(GetIdentity("one").principal_id(), principal);
  EXPECT_TRUE(directory_->FindPrincipal(principal)->active);
  request.set_validate_only(false);
  EXPECT_TRUE(subscriptions_->Move(Call(), request).ok());
}

TEST_F(SubscriptionHandlerTest, MoveIsRefused) {
  const struct {
    const char *name, *destination;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {"subscriptions/none", "tenants/fabrikam", absl::StatusCode::kNotFound,
       "SUBSCRIPTION_NOT_FOUND"},
      {"subscriptions/prod", "tenants/nobody", absl::StatusCode::kFailedPrecondition,
       "TENANT_NOT_FOUND"},
      {"subscriptions/prod", "tenants/contoso", absl::StatusCode::kFailedPrecondition,
       "SUBSCRIPTION_ALREADY_THERE"},
      {"subscriptions/prod", "", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"prod", "tenants/fabrikam", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
  };
  for (const bool validate_only : {false, true}) {
    for (const auto& c : cases) {
      MoveSubscriptionRequest request;
      request.set_name(c.name);
      request.set_destination_tenant(c.destination);
      request.set_validate_only(validate_only);
      const absl::Status status = subscriptions_->Move(Call(), request).status();
      EXPECT_EQ(status.code(), c.code) << status;
      EXPECT_EQ(ErrorReason(status), c.reason);
    }
  }
  EXPECT_EQ(EventLines().size(), 1u);
}

TEST_F(SubscriptionHandlerTest, MoveNeedsARightOnTheDestinationAndTellsNothingOfIt) {
  server::CallContext mallory = Call();
  mallory.caller.principal = "spiffe://keyward.local/operator/mallory";
  for (const char* tenant : {"fabrikam", "nobody", "contoso"}) {
    const absl::Status status = subscriptions_->Move(mallory, MoveTo(tenant)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ErrorReason(status), "NOT_AUTHORIZED");
  }
  EXPECT_EQ(Get("prod").tenant(), "tenants/contoso");
}

TEST_F(SubscriptionHandlerTest, MoveReturnsWhenTheLiveConsumerHasAppliedIt) {
  MakeEnabledIdentity("one", "prod");
  TestConsumer consumer(*feed_, "encryption");
  consumer.RenewLease();
  const int seen = clock_.waiters();
  std::future<absl::StatusOr<MoveSubscriptionResponse>> moving = std::async(
      std::launch::async, [&] { return subscriptions_->Move(Call(), MoveTo("fabrikam")); });
  clock_.AwaitWaiter(seen);
  EXPECT_EQ(moving.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  consumer.ApplyUpTo(4);
  const absl::StatusOr<MoveSubscriptionResponse> moved = moving.get();
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_THAT(moved->delivery().applied(), ElementsAre("encryption/0"));
  EXPECT_THAT(moved->delivery().waited_out(), IsEmpty());
}

TEST_F(SubscriptionHandlerTest, AsyncMoveDoesNotWait) {
  TestConsumer consumer(*feed_, "encryption");
  consumer.RenewLease();
  MoveSubscriptionRequest request = MoveTo("fabrikam");
  request.set_async(true);
  const auto moved = subscriptions_->Move(Call(), request);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_FALSE(moved->has_delivery());
  EXPECT_EQ(Get("prod").tenant(), "tenants/fabrikam");
}

TEST_F(SubscriptionHandlerTest, MoveSentAgainWithTheSameRequestIdReturnsTheFirstAnswer) {
  MakeEnabledIdentity("one", "prod");
  MoveSubscriptionRequest request = MoveTo("fabrikam");
  request.set_request_id(kRequestId);
  const auto first = subscriptions_->Move(Call(), request);
  const auto second = subscriptions_->Move(Call(), request);
  ASSERT_TRUE(first.ok() && second.ok()) << second.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *second));
  EXPECT_EQ(EventLines().size(), 4u);
}

}  // namespace
}  // namespace keyward::managed_identity
