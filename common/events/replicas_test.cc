// Two replicas of a service on one PostgreSQL database: what one publishes, grants and hears, the
// other knows.

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/events/applier.h"
#include "common/events/events_schema.h"
#include "common/events/feed.h"
#include "common/events/testing/eventually.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using storage::Database;
using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;

struct Replica {
  Replica(const std::string& url, Feed::Options options)
      : database(*Database::Open(url, {EventsSchema()})),
        feed(*Feed::Create(*database, clock::RealClock(), outbox, options)) {}

  int64_t Publish() {
    int64_t sequence = 0;
    const absl::Status status = database->Write([&](storage::Transaction& tx) {
      auto appended = outbox.Append(
          tx, {.type = "t", .subject = "things/a", .data = google::protobuf::Empty()});
      if (appended.ok()) sequence = *appended;
      return appended.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return sequence;
  }

  std::unique_ptr<Database> database;
  Outbox outbox{"test", clock::RealClock()};
  std::unique_ptr<Feed> feed;
};

class ReplicasTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDatabase::Postgresql();
    if (!made.ok()) GTEST_SKIP() << made.status().message();
    temporary_ = *std::move(made);
  }

  std::unique_ptr<Replica> Start(Feed::Options options = {}) {
    return std::make_unique<Replica>(temporary_->url(), options);
  }

  // A session of "encryption/0" that has a lease.
  std::unique_ptr<FeedSession> SubscribeWithLease(Replica& replica) {
    v1::SubscribeRequest::Start start;
    start.set_consumer("encryption");
    start.set_replica("0");
    auto session = replica.feed->Subscribe(start);
    EXPECT_TRUE(session.ok()) << session.status();
    (*session)->Heartbeat(1);
    EXPECT_TRUE((*session)->Next()->has_heartbeat());
    return *std::move(session);
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
};

TEST_F(ReplicasTest, WhatOnePublishesTheOtherSendsAndWhatOneHearsEndsTheWaitOfTheOther) {
  const auto one = Start(), two = Start();
  const auto session = SubscribeWithLease(*one);
  const int64_t sequence = two->Publish();
  auto wait = two->feed->BeginWait(sequence);
  ASSERT_TRUE(wait.ok()) << wait.status();
  EXPECT_EQ(session->Next()->event().sequence(), sequence);
  EXPECT_FALSE((*(*wait)->Await(clock::RealClock().MonotonicNow())).has_value());
  EXPECT_TRUE(session->Acknowledge(sequence).ok());
  const auto delivery = (*wait)->Await(absl::InfiniteDuration());
  ASSERT_TRUE(delivery.ok()) << delivery.status();
  EXPECT_THAT((*delivery)->applied(), ElementsAre("encryption/0"));
}

TEST_F(ReplicasTest, LeaseGrantedByOneIsWaitedOutByTheOther) {
  const Feed::Options options{.lease = absl::Milliseconds(200), .margin = absl::Milliseconds(20)};
  const auto one = Start(options), two = Start(options);
  const absl::Duration asked = clock::RealClock().MonotonicNow();
  SubscribeWithLease(*one);
  const auto delivery = two->feed->WaitForDelivery(two->Publish());
  ASSERT_TRUE(delivery.ok()) << delivery.status();
  EXPECT_THAT(delivery->waited_out(), ElementsAre("encryption/0"));
  EXPECT_THAT(delivery->applied(), IsEmpty());
  EXPECT_GE(clock::RealClock().MonotonicNow() - asked, absl::Milliseconds(200));
}

class Memory : public EventHandler {
 public:
  absl::Status Apply(storage::Transaction& tx, const v1::Event& event) override {
    tx.OnCommit([this, event] { Note("applied", event); });
    return absl::OkStatus();
  }
  void Observe(const v1::Event& event) override { Note("observed", event); }

  void Note(const std::string& how, const v1::Event& event) {
    absl::MutexLock lock(&mutex_);
    notes_.push_back(how + " " + event.id());
  }
  std::vector<std::string> notes() {
    absl::MutexLock lock(&mutex_);
    return notes_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
};

v1::Event EventOf(int64_t sequence) {
  v1::Event event;
  event.set_id("peer/" + std::to_string(sequence));
  event.set_sequence(sequence);
  return event;
}

TEST_F(ReplicasTest, AnEventTakesEffectInOneReplicaAndIsObservedByTheOther) {
  const auto one = Start(), two = Start();
  Memory first, second;
  const Applier::Options options{.source = "peer",
                                 .batch_size = 100,
                                 .minimum_back_off = absl::Milliseconds(1),
                                 .maximum_back_off = absl::Milliseconds(10)};
  const auto ignore = [](Progress) {};
  auto a = Applier::Create(options, *one->database, clock::RealClock(), first, ignore);
  auto b = Applier::Create(options, *two->database, clock::RealClock(), second, ignore);
  ASSERT_TRUE(a.ok() && b.ok());
  (*a)->Start();
  EXPECT_TRUE((*a)->Push(EventOf(1)));
  ASSERT_TRUE(Eventually([&] { return (*a)->progress().applied == 1; }));
  EXPECT_TRUE((*b)->Push(EventOf(1)));
  EXPECT_TRUE((*b)->Push(EventOf(2)));
  (*b)->Start();
  ASSERT_TRUE(Eventually([&] { return (*b)->progress().applied == 2; }));
  EXPECT_TRUE((*a)->Push(EventOf(2)));
  ASSERT_TRUE(Eventually([&] { return (*a)->progress().applied == 2; }));
  EXPECT_THAT(first.notes(), ElementsAre("applied peer/1", "observed peer/2"));
  EXPECT_THAT(second.notes(), ElementsAre("observed peer/1", "applied peer/2"));
}

}  // namespace
}  // namespace keyward::events
