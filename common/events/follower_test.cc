// Publishers and followers over real gRPC channels, each with a database of its own.

#include "common/events/follower.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/testing/node.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;
using testing::Node;

constexpr absl::Duration kBelieved = absl::Seconds(11);

std::vector<std::string> UpTo(int64_t n) {
  std::vector<std::string> numbers;
  for (int64_t i = 1; i <= n; ++i) numbers.push_back(absl::StrCat(i));
  return numbers;
}

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() { clock_.Advance(absl::Hours(1)); }

  bool BecomesFresh(Node& node, const std::string& source) {
    return Eventually([&] { return node.follower(source).lease().fresh(); });
  }
  bool Acknowledges(Node& node, const std::string& source, int64_t sequence) {
    return Eventually([&] { return node.follower(source).acknowledged() >= sequence; });
  }

  // The publisher has received the acknowledgement.
  bool HearsFrom(Node& publisher, const std::string& consumer, int64_t sequence) {
    return Eventually([&] {
      const auto listed = publisher.feed().ListConsumers();
      EXPECT_TRUE(listed.ok()) << listed.status();
      return std::any_of(
          listed->consumers().begin(), listed->consumers().end(), [&](const v1::Consumer& each) {
            return each.name() == consumer && each.acknowledged_sequence() >= sequence;
          });
    });
  }

  v1::Delivery Deliver(Node& node, int64_t sequence) {
    auto delivery = node.feed().WaitForDelivery(sequence);
    EXPECT_TRUE(delivery.ok()) << delivery.status();
    return delivery.ok() ? *delivery : v1::Delivery();
  }

  clock::FakeClock clock_;
  const std::unique_ptr<TemporaryDatabase> databases_[3] = {
      TemporaryDatabase::Sqlite(), TemporaryDatabase::Sqlite(), TemporaryDatabase::Sqlite()};
  // Destroyed in the reverse order: consumers before those that they follow.
  Node a_{"a", databases_[0]->url(), clock_};
  Node b_{"b", databases_[1]->url(), clock_};
  Node c_{"c", databases_[2]->url(), clock_};
};

TEST_F(FollowerTest, AppliesEverythingInOrderAndAcknowledgesIt) {
  for (int i = 0; i < 150; ++i) a_.Publish();
  b_.Follow(a_);
  ASSERT_TRUE(Acknowledges(b_, "a", 150));
  a_.Publish();
  ASSERT_TRUE(Acknowledges(b_, "a", 151));
  EXPECT_EQ(b_.Applied("a"), UpTo(151));
  EXPECT_EQ(b_.follower("a").state(), Follower::State::kFollowing);
}

TEST_F(FollowerTest, GoesOnFromItsCursorAfterARestart) {
  b_.Follow(a_);
  for (int i = 0; i < 5; ++i) a_.Publish();
  ASSERT_TRUE(Acknowledges(b_, "a", 5));
  b_.Stop();
  for (int i = 0; i < 5; ++i) a_.Publish();
  b_.Start();
  b_.Follow(a_);
  ASSERT_TRUE(Acknowledges(b_, "a", 10));
  EXPECT_EQ(b_.Applied("a"), UpTo(10));
}

TEST_F(FollowerTest, ReconnectsWhenThePublisherComesBack) {
  b_.Follow(a_);
  a_.Publish();
  ASSERT_TRUE(Acknowledges(b_, "a", 1));
  a_.Stop();
  ASSERT_TRUE(Eventually([&] { return b_.follower("a").state() == Follower::State::kConnecting; }));
  a_.Start();
  a_.Publish();
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(50));
    return b_.follower("a").acknowledged() == 2;
  }));
  EXPECT_EQ(b_.Applied("a"), UpTo(2));
}

TEST_F(FollowerTest, NewFollowerIsStaleUntilItHasAppliedEverything) {
  b_.Hold();
  a_.Publish();
  b_.Follow(a_);
  ASSERT_TRUE(Eventually([&] { return b_.follower("a").state() == Follower::State::kFollowing; }));
  EXPECT_FALSE(b_.follower("a").lease().fresh());
  b_.Release();
  EXPECT_TRUE(BecomesFresh(b_, "a"));
}

TEST_F(FollowerTest, LeaseRunsOutWhenThePublisherIsSilentAndComesBack) {
  b_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  a_.Stop();
  clock_.Advance(absl::Seconds(10));
  EXPECT_FALSE(b_.follower("a").lease().fresh());
  a_.Start();
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(50));
    return b_.follower("a").lease().fresh();
  }));
}

TEST_F(FollowerTest, DeliveryWaitsForALiveSlowConsumer) {
  b_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  b_.Hold();
  const int64_t sequence = a_.Publish();
  auto wait = a_.feed().BeginWait(sequence);
  ASSERT_TRUE(wait.ok());
  EXPECT_FALSE((*(*wait)->Await(clock_.MonotonicNow())).has_value());
  b_.Release();
  EXPECT_THAT(Deliver(a_, sequence).applied(), ElementsAre("b/0"));
  EXPECT_EQ(b_.Applied("a"), UpTo(1)) << "already, when the wait ends";
}

TEST_F(FollowerTest, DeliveryWaitsOutADeadConsumerAndNamesIt) {
  b_.Follow(a_);
  c_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  ASSERT_TRUE(BecomesFresh(c_, "a"));
  b_.Stop();
  const int64_t sequence = a_.Publish();
  v1::Delivery delivery;
  std::thread waiter([&] { delivery = Deliver(a_, sequence); });
  ASSERT_TRUE(HearsFrom(a_, "c/0", sequence));
  clock_.Advance(kBelieved);
  waiter.join();
  EXPECT_THAT(delivery.applied(), ElementsAre("c/0"));
  EXPECT_THAT(delivery.waited_out(), ElementsAre("b/0"));
}

TEST_F(FollowerTest, DeliveryReachesTheEndOfTheChain) {
  b_.Follow(a_, /*forward=*/true);
  c_.Follow(b_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  ASSERT_TRUE(BecomesFresh(c_, "b"));
  c_.Hold();
  const int64_t sequence = a_.Publish();
  auto wait = a_.feed().BeginWait(sequence);
  ASSERT_TRUE(wait.ok());
  ASSERT_TRUE(Eventually([&] { return b_.follower("a").applied() == sequence; }));
  EXPECT_FALSE((*(*wait)->Await(clock_.MonotonicNow())).has_value()) << "c has not applied it";
  EXPECT_EQ(b_.follower("a").acknowledged(), 0);
  c_.Release();
  EXPECT_THAT(Deliver(a_, sequence).applied(), ElementsAre("b/0"));
  EXPECT_EQ(c_.Applied("b"), UpTo(1)) << "already, when the wait ends";
}

TEST_F(FollowerTest, WaitingForTheChainDoesNotKeepLaterEventsFromBeingApplied) {
  b_.Follow(a_, /*forward=*/true);
  c_.Follow(b_);
  ASSERT_TRUE(BecomesFresh(c_, "b"));
  c_.Hold();
  for (int i = 0; i < 3; ++i) a_.Publish();
  EXPECT_TRUE(Eventually([&] { return b_.follower("a").applied() == 3; }));
  EXPECT_EQ(b_.follower("a").acknowledged(), 0);
  c_.Release();
  EXPECT_TRUE(Acknowledges(b_, "a", 3));
}

TEST_F(FollowerTest, DeadEndOfTheChainIsWaitedOutOnItsWay) {
  b_.Follow(a_, /*forward=*/true);
  c_.Follow(b_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  ASSERT_TRUE(BecomesFresh(c_, "b"));
  c_.Stop();
  const int64_t sequence = a_.Publish();
  std::thread waiter([&] { Deliver(a_, sequence); });
  ASSERT_TRUE(Eventually([&] { return b_.follower("a").applied() == sequence; }));
  EXPECT_EQ(b_.follower("a").acknowledged(), 0);
  clock_.Advance(kBelieved);
  waiter.join();
}

TEST_F(FollowerTest, OneLeaseBoundsTheWholeChain) {
  b_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  clock_.Advance(absl::Milliseconds(500));
  const absl::Duration of_b = b_.follower("a").lease().remaining();
  c_.Follow(b_);
  ASSERT_TRUE(BecomesFresh(c_, "b"));
  EXPECT_LE(c_.follower("b").lease().chain_remaining(), of_b);
  EXPECT_EQ(c_.follower("b").lease().remaining(), absl::Seconds(10));
  a_.Stop();
  // Keeps b and c talking while a is silent.
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(100));
    return !b_.follower("a").lease().fresh();
  }));
  EXPECT_EQ(c_.follower("b").lease().chain_remaining(), absl::ZeroDuration());
  EXPECT_FALSE(RequireFresh(c_.follower("b").lease(), "b").ok());
}

TEST_F(FollowerTest, HandlerErrorStopsTheFeedAtThatEventAndSkipsNothing) {
  b_.FailAt("a/3");
  b_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  for (int i = 0; i < 5; ++i) a_.Publish();
  ASSERT_TRUE(
      Eventually([&] { return b_.follower("a").state() == Follower::State::kHandlerFailing; }));
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(50));
    return b_.follower("a").applied() == 2;
  }));
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(100));
    return !b_.follower("a").lease().fresh();
  }));
  EXPECT_EQ(b_.Applied("a"), UpTo(2));
  b_.FailAt("");
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(50));
    return b_.follower("a").acknowledged() == 5;
  }));
  EXPECT_EQ(b_.Applied("a"), UpTo(5));
}

TEST_F(FollowerTest, FollowerAheadOfItsPublisherStaysStale) {
  ASSERT_TRUE(b_.database()
                  .Write([](storage::Transaction& tx) {
                    return tx
                        .Execute("INSERT INTO event_cursors (source, sequence) VALUES ('a', 7)")
                        .status();
                  })
                  .ok());
  a_.Publish();
  b_.Follow(a_);
  ASSERT_TRUE(Eventually([&] { return b_.follower("a").state() == Follower::State::kOutOfRange; }));
  EXPECT_FALSE(b_.follower("a").lease().fresh());
  EXPECT_THAT(b_.Applied("a"), IsEmpty());
}

TEST_F(FollowerTest, SilentPeerIsGivenUp) {
  b_.SetSilenceLimit(absl::Seconds(4));
  b_.Follow(a_);
  ASSERT_TRUE(BecomesFresh(b_, "a"));
  // A transaction that does not end keeps the publisher from granting leases, and so from
  // answering.
  absl::Mutex mutex;
  bool release = false;
  std::thread blocker([&] {
    EXPECT_TRUE(a_.database()
                    .Write([&](storage::Transaction&) {
                      absl::MutexLock lock(&mutex);
                      mutex.Await(absl::Condition(&release));
                      return absl::OkStatus();
                    })
                    .ok());
  });
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(100));
    return b_.follower("a").state() == Follower::State::kConnecting;
  }));
  {
    absl::MutexLock lock(&mutex);
    release = true;
  }
  blocker.join();
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(absl::Milliseconds(50));
    return b_.follower("a").state() == Follower::State::kFollowing;
  }));
}

}  // namespace
}  // namespace keyward::events
