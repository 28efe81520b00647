// Revoking calls and those who follow the feed.

#include "services/key_vault/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "common/events/feed.h"
#include "common/events/testing/eventually.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using events::testing::Eventually;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::VaultEnv;

class PublisherTest : public ::testing::Test {
 protected:
  PublisherTest() {
    env_.CreateVault("contoso");
    env_.CreateKey("contoso", "k");
  }

  // A consumer that has heard of everything so far and holds a lease from now on.
  std::unique_ptr<events::FeedSession> Consumer(const std::string& name) {
    events::v1::SubscribeRequest::Start start;
    start.set_consumer(name);
    start.set_replica("0");
    start.set_after_sequence(2);
    std::unique_ptr<events::FeedSession> session = *env_.feed->Subscribe(start);
    session->Heartbeat(1);
    EXPECT_TRUE(session->Next()->has_heartbeat());
    return session;
  }

  absl::StatusOr<v1::DisableKeyResponse> Disable() {
    v1::DisableKeyRequest request;
    request.set_name("vaults/contoso/keys/k");
    return env_.versions.Disable(VaultEnv::Call(), request);
  }

  VaultEnv env_;
};

TEST_F(PublisherTest, NobodyFollowsNobodyIsWaitedFor) {
  const auto disabled = Disable();
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_EQ(disabled->delivery().sequence(), 3);
  EXPECT_THAT(disabled->delivery().applied(), IsEmpty());
}

TEST_F(PublisherTest, LossWaitsForLiveConsumersAndNamesDeadOnes) {
  const std::unique_ptr<events::FeedSession> live = Consumer("encryption");
  const std::unique_ptr<events::FeedSession> dead = Consumer("model_deployment");
  std::atomic<bool> returned = false;
  absl::StatusOr<v1::DisableKeyResponse> disabled;
  std::thread call([&] {
    disabled = Disable();
    returned = true;
  });
  const auto event = live->Next();
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->event().type(), "keyward.keyvault.KeyDisabled");
  ASSERT_TRUE(live->Acknowledge(event->event().sequence()).ok());
  env_.clock.Advance(absl::Seconds(10));
  EXPECT_FALSE(returned);
  // The lease of 10 s and the margin of 1 s.
  env_.clock.Advance(absl::Seconds(1));
  call.join();
  ASSERT_TRUE(disabled.ok()) << disabled.status();
  EXPECT_THAT(disabled->delivery().applied(), ElementsAre("encryption/0"));
  EXPECT_THAT(disabled->delivery().waited_out(), ElementsAre("model_deployment/0"));
}

TEST_F(PublisherTest, GrantDoesNotWaitLong) {
  const std::unique_ptr<events::FeedSession> slow = Consumer("encryption");
  std::atomic<bool> returned = false;
  std::thread call([&] {
    env_.CreateKey("contoso", "other");
    returned = true;
  });
  const auto event = slow->Next();
  ASSERT_TRUE(event.ok()) << event.status();
  // Never acknowledged; two seconds after it began to wait the call gives up waiting, not the
  // grant. When that was, only the call knows.
  EXPECT_TRUE(Eventually([&] {
    env_.clock.Advance(absl::Seconds(2));
    return returned.load();
  }));
  call.join();
}

}  // namespace
}  // namespace keyward::key_vault
