#include "common/events/feed.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "common/events/events_schema.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using storage::Database;
using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kLease = absl::Seconds(10);
constexpr absl::Duration kBelieved = absl::Seconds(11);

v1::SubscribeRequest::Start StartOf(const std::string& consumer, int64_t after = 0,
                                    const std::string& replica = "0") {
  v1::SubscribeRequest::Start start;
  start.set_consumer(consumer);
  start.set_replica(replica);
  start.set_after_sequence(after);
  return start;
}

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() { Start(); }

  // As after a restart of the publisher.
  void Start() {
    feed_ = nullptr;
    database_ = nullptr;
    auto database = Database::Open(temporary_->url(), {EventsSchema()});
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    auto feed = Feed::Create(*database_, clock_, outbox_);
    EXPECT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }

  int64_t Publish(const std::string& subject = "things/a") {
    int64_t sequence = 0;
    const absl::Status status = database_->Write([&](storage::Transaction& tx) {
      auto appended = outbox_.Append(
          tx, {.type = "test.Happened", .subject = subject, .data = google::protobuf::Empty()});
      if (appended.ok()) sequence = *appended;
      return appended.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return sequence;
  }

  std::unique_ptr<FeedSession> Subscribe(const std::string& consumer, int64_t after = 0) {
    auto session = feed_->Subscribe(StartOf(consumer, after));
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  v1::SubscribeResponse Next(FeedSession& session) {
    auto response = session.Next();
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::SubscribeResponse();
  }

  v1::Heartbeat Beat(FeedSession& session) {
    session.Heartbeat(1);
    return Next(session).heartbeat();
  }

  v1::Delivery Deliver(int64_t sequence) {
    auto delivery = feed_->WaitForDelivery(sequence);
    EXPECT_TRUE(delivery.ok()) << delivery.status();
    return delivery.ok() ? *delivery : v1::Delivery();
  }

  bool IsDelivered(int64_t sequence) {
    auto wait = feed_->BeginWait(sequence);
    EXPECT_TRUE(wait.ok()) << wait.status();
    auto delivery = (*wait)->Await(clock_.MonotonicNow());
    EXPECT_TRUE(delivery.ok()) << delivery.status();
    return delivery->has_value();
  }

  const std::unique_ptr<TemporaryDatabase> temporary_ = TemporaryDatabase::Sqlite();
  clock::FakeClock clock_;
  Outbox outbox_{"test", clock_};
  std::unique_ptr<Database> database_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, EventsComeInOrderFromWhereTheConsumerIs) {
  for (int i = 0; i < 250; ++i) Publish();
  const auto session = Subscribe("encryption", 20);
  for (int i = 21; i <= 250; ++i) EXPECT_EQ(Next(*session).event().sequence(), i);
  std::thread publisher([&] { Publish(); });
  EXPECT_EQ(Next(*session).event().sequence(), 251);
  publisher.join();
}

TEST_F(FeedTest, HeartbeatCarriesTheNewestSequenceAndTheLease) {
  Publish();
  Publish();
  const auto session = Subscribe("encryption", 2);
  session->Heartbeat(6);
  session->Heartbeat(7);
  const v1::Heartbeat heartbeat = Next(*session).heartbeat();
  EXPECT_EQ(heartbeat.request_id(), 7);
  EXPECT_EQ(heartbeat.newest_sequence(), 2);
  EXPECT_EQ(heartbeat.lease().seconds(), 10);
  EXPECT_EQ(heartbeat.upstream_lease().seconds(), 10);
}

TEST_F(FeedTest, UpstreamLeaseIsWhatRemainsUpstreamAndNeverMoreThanTheLease) {
  absl::Duration remaining = absl::Seconds(3);
  feed_->SetUpstream([&] { return remaining; });
  const auto session = Subscribe("encryption");
  EXPECT_EQ(Beat(*session).upstream_lease().seconds(), 3);
  remaining = absl::Seconds(30);
  EXPECT_EQ(Beat(*session).upstream_lease().seconds(), 10);
  remaining = absl::ZeroDuration();
  EXPECT_EQ(Beat(*session).upstream_lease().seconds(), 0);
}

TEST_F(FeedTest, NobodyToWaitForMeansNoWait) {
  EXPECT_THAT(Deliver(0).applied(), IsEmpty());
  const v1::Delivery delivery = Deliver(Publish());
  EXPECT_EQ(delivery.sequence(), 1);
  EXPECT_THAT(delivery.applied(), IsEmpty());
  EXPECT_THAT(delivery.waited_out(), IsEmpty());
}

TEST_F(FeedTest, WaitsForALiveConsumerAndNamesIt) {
  const auto session = Subscribe("encryption");
  Beat(*session);
  Publish();
  Next(*session);
  EXPECT_FALSE(IsDelivered(1));
  std::thread acknowledger([&] { EXPECT_TRUE(session->Acknowledge(1).ok()); });
  EXPECT_THAT(Deliver(1).applied(), ElementsAre("encryption/0"));
  acknowledger.join();
}

TEST_F(FeedTest, WaitsOutAConsumerThatFellSilentAndNamesIt) {
  auto session = Subscribe("encryption");
  Beat(*session);
  session = nullptr;
  Publish();
  auto wait = feed_->BeginWait(1);
  ASSERT_TRUE(wait.ok());
  clock_.Advance(kBelieved - absl::Milliseconds(1));
  EXPECT_FALSE((*(*wait)->Await(clock_.MonotonicNow())).has_value());
  clock_.Advance(absl::Milliseconds(1));
  const auto delivery = *(*wait)->Await(clock_.MonotonicNow());
  ASSERT_TRUE(delivery.has_value());
  EXPECT_THAT(delivery->waited_out(), ElementsAre("encryption/0"));
  EXPECT_TRUE(IsDelivered(Publish())) << "a dead consumer costs nothing";
}

TEST_F(FeedTest, ConsumerThatRenewsButNeverAppliesIsWaitedOutToo) {
  const auto session = Subscribe("encryption");
  Beat(*session);
  Publish();
  auto wait = feed_->BeginWait(1);
  ASSERT_TRUE(wait.ok());
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(Beat(*session).newest_sequence(), 1);
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE((*(*wait)->Await(clock_.MonotonicNow())).has_value());
}

TEST_F(FeedTest, DeadlineEndsTheWait) {
  const auto session = Subscribe("encryption");
  Beat(*session);
  Publish();
  const auto delivery = feed_->WaitForDelivery(1, clock_.Now());
  EXPECT_EQ(delivery.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ErrorReason(delivery.status()), "DELIVERY_PENDING");
}

TEST_F(FeedTest, LeaseIsDurableBeforeItsHeartbeatSoARestartBelievesItFull) {
  auto session = Subscribe("encryption");
  Beat(*session);
  session = nullptr;
  // However long the restart took, and whatever the wall clock says now.
  clock_.SetWall(absl::FromUnixSeconds(2'000'000'000));
  Start();
  Publish();
  auto wait = feed_->BeginWait(1);
  ASSERT_TRUE(wait.ok());
  clock_.Advance(kBelieved - absl::Milliseconds(1));
  EXPECT_FALSE((*(*wait)->Await(clock_.MonotonicNow())).has_value());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT((*(*wait)->Await(clock_.MonotonicNow()))->waited_out(), ElementsAre("encryption/0"));
}

TEST_F(FeedTest, AcknowledgementsAreForgottenByARestartUntilSaidAgain) {
  auto session = Subscribe("encryption");
  Beat(*session);
  Publish();
  Next(*session);
  EXPECT_TRUE(session->Acknowledge(1).ok());
  EXPECT_TRUE(IsDelivered(1));
  session = nullptr;
  Start();
  EXPECT_FALSE(IsDelivered(1));
  session = Subscribe("encryption", 1);
  EXPECT_FALSE(IsDelivered(1)) << "to have received is not to have applied";
  EXPECT_TRUE(session->Acknowledge(1).ok());
  EXPECT_TRUE(IsDelivered(1));
}

TEST_F(FeedTest, ConsumerThatComesBackFromABackupIsNotBelievedToHaveAppliedMore) {
  auto session = Subscribe("encryption");
  Beat(*session);
  Publish();
  Next(*session);
  EXPECT_TRUE(session->Acknowledge(1).ok());
  session = Subscribe("encryption", 0);
  EXPECT_FALSE(IsDelivered(1));
}

TEST_F(FeedTest, AcknowledgingWhatWasNotSentIsRefused) {
  Publish();
  Publish();
  const auto session = Subscribe("encryption");
  Next(*session);
  const absl::Status status = session->Acknowledge(2);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "ACKNOWLEDGED_TOO_MUCH");
  EXPECT_TRUE(session->Acknowledge(1).ok());
}

TEST_F(FeedTest, NewerSessionOfAConsumerReplacesTheOlder) {
  const auto older = Subscribe("encryption");
  const auto newer = Subscribe("encryption");
  EXPECT_EQ(ErrorReason(older->Next().status()), "CONSUMER_REPLACED");
  EXPECT_EQ(ErrorReason(older->Acknowledge(0)), "CONSUMER_REPLACED");
  Beat(*newer);
}

TEST_F(FeedTest, SequencesThatDoNotExistAreOutOfRange) {
  EXPECT_EQ(ErrorReason(feed_->Subscribe(StartOf("encryption", 1)).status()), "SEQUENCE_AHEAD");
  EXPECT_EQ(feed_->WaitForDelivery(1).status().code(), absl::StatusCode::kOutOfRange);
  Publish();
  Publish();
  Publish();
  EXPECT_TRUE(database_
                  ->Write([](storage::Transaction& tx) {
                    return tx.Execute("DELETE FROM events WHERE sequence < 3").status();
                  })
                  .ok());
  EXPECT_EQ(ErrorReason(feed_->Subscribe(StartOf("encryption", 1)).status()), "EVENTS_GONE");
  EXPECT_EQ(ErrorReason(feed_->Subscribe(StartOf("encryption", 0)).status()), "EVENTS_GONE");
  EXPECT_TRUE(feed_->Subscribe(StartOf("encryption", 2)).ok());
}

TEST_F(FeedTest, NamesAreChecked) {
  for (const char* name : {"", "Encryption", "a/b", "a b"}) {
    EXPECT_EQ(ErrorReason(feed_->Subscribe(StartOf(name)).status()), "INVALID_REQUEST") << name;
  }
  for (const char* replica : {"", "a/b", "a_b"}) {
    EXPECT_FALSE(feed_->Subscribe(StartOf("encryption", 0, replica)).ok()) << replica;
  }
  EXPECT_FALSE(feed_->Subscribe(StartOf("encryption", -1)).ok());
}

TEST_F(FeedTest, CloseAndShutdownEndWhatWaits) {
  const auto session = Subscribe("encryption");
  const auto other = Subscribe("key_vault");
  Beat(*other);
  Publish();
  Next(*session);
  Next(*other);
  std::thread closer([&] { session->Close(); });
  EXPECT_EQ(session->Next().status().code(), absl::StatusCode::kCancelled);
  closer.join();
  std::thread waiter(
      [&] { EXPECT_EQ(ErrorReason(feed_->WaitForDelivery(1).status()), "SHUTTING_DOWN"); });
  feed_->Shutdown();
  waiter.join();
  EXPECT_EQ(ErrorReason(other->Next().status()), "SHUTTING_DOWN");
}

TEST_F(FeedTest, ListEventsPagesAndFilters) {
  for (const char* subject : {"vaults/v", "vaults/v/keys/k", "vaults/vv", "vaults/v/keys/k"}) {
    Publish(subject);
  }
  v1::ListEventsRequest request;
  request.set_page_size(2);
  request.set_subject("vaults/v");
  auto page = feed_->ListEvents(request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->events_size(), 2);
  EXPECT_EQ(page->events(1).sequence(), 2);
  request.set_page_token(page->next_page_token());
  page = feed_->ListEvents(request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->events_size(), 1);
  EXPECT_EQ(page->events(0).sequence(), 4);
  EXPECT_THAT(page->next_page_token(), IsEmpty());
  request.set_page_token("x");
  EXPECT_EQ(ErrorReason(feed_->ListEvents(request).status()), "INVALID_REQUEST");
}

TEST_F(FeedTest, ListConsumersTellsHowFarEachIs) {
  const auto session = Subscribe("encryption");
  Publish();
  Next(*session);
  Beat(*session);
  EXPECT_TRUE(session->Acknowledge(1).ok());
  const auto listed = feed_->ListConsumers();
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->consumers_size(), 1);
  EXPECT_EQ(listed->consumers(0).name(), "encryption/0");
  EXPECT_EQ(listed->consumers(0).acknowledged_sequence(), 1);
  EXPECT_TRUE(listed->consumers(0).fresh());
  EXPECT_EQ(listed->consumers(0).lease_until().seconds(),
            absl::ToUnixSeconds(clock_.Now() + kLease + absl::Seconds(1)));
}

}  // namespace
}  // namespace keyward::events
