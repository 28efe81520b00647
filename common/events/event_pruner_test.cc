#include "common/events/event_pruner.h"

#include <memory>
#include <string>
#include <vector>

#include "common/audit/audit_store.h"
#include "common/events/events_schema.h"
#include "common/events/feed.h"
#include "common/events/outbox.h"
#include "common/events/testing/node.h"
#include "common/status/error.h"
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
using testing::Node;

constexpr absl::Duration kDay = absl::Hours(24);

std::unique_ptr<TemporaryDatabase> MakeDatabase(const std::string& engine) {
  if (engine == "sqlite") return TemporaryDatabase::Sqlite();
  auto made = TemporaryDatabase::Postgresql();
  return made.ok() ? *std::move(made) : nullptr;
}

class EventPrunerTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    temporary_ = MakeDatabase(GetParam());
    if (temporary_ == nullptr) GTEST_SKIP() << "no PostgreSQL";
    auto database = Database::Open(temporary_->url(), {EventsSchema(), audit::AuditSchema()});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    auto feed = Feed::Create(*database_, clock_, outbox_);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }

  void Publish(int count) {
    for (int i = 0; i < count; ++i) {
      const absl::Status status = database_->Write([&](storage::Transaction& tx) {
        return outbox_
            .Append(
                tx,
                {.type = "test.Happened", .subject = "things/a", .data = google::protobuf::Empty()})
            .status();
      });
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  int64_t Prune() {
    EventPruner pruner(*database_, clock_,
                       {.retention = 10 * kDay, .bound = 20 * kDay, .death = 5 * kDay});
    const absl::StatusOr<int64_t> pruned = pruner.PruneDue();
    EXPECT_TRUE(pruned.ok()) << pruned.status();
    return pruned.value_or(-1);
  }

  absl::StatusOr<std::unique_ptr<FeedSession>> Subscribe(const std::string& consumer,
                                                         int64_t after) {
    v1::SubscribeRequest::Start start;
    start.set_consumer(consumer);
    start.set_replica("0");
    start.set_after_sequence(after);
    return feed_->Subscribe(start);
  }

  static void RenewLease(FeedSession& session) {
    session.Heartbeat(1);
    for (auto next = session.Next(); next.ok() && !next->has_heartbeat(); next = session.Next()) {
    }
  }

  // What ListEvents returns after a sequence: the sequences, or nothing and the error.
  std::vector<int64_t> Listed(int64_t after, absl::Status* error = nullptr) {
    v1::ListEventsRequest request;
    request.set_after_sequence(after);
    const auto listed = feed_->ListEvents(request);
    std::vector<int64_t> sequences;
    if (error != nullptr) *error = listed.status();
    if (!listed.ok()) return sequences;
    for (const v1::Event& event : listed->events()) sequences.push_back(event.sequence());
    return sequences;
  }

  std::vector<std::string> Audited() {
    std::vector<std::string> operations;
    const absl::Status read = database_->Read([&](storage::Transaction& tx) -> absl::Status {
      const auto entries = audit::ReadEntries(tx, {}, 0, 100);
      if (!entries.ok()) return entries.status();
      operations.clear();
      for (const auto& entry : *entries) {
        operations.push_back(entry.operation() + " " + entry.resource());
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return operations;
  }

  clock::FakeClock clock_;
  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Database> database_;
  Outbox outbox_{"a", clock_};
  std::unique_ptr<Feed> feed_;
};

TEST_P(EventPrunerTest, OldEventsGoAndTheNewestStays) {
  Publish(3);
  clock_.Advance(5 * kDay);
  Publish(2);
  EXPECT_EQ(Prune(), 0);
  clock_.Advance(5 * kDay);
  EXPECT_EQ(Prune(), 3);
  EXPECT_THAT(Listed(0), ElementsAre(4, 5));
  EXPECT_THAT(Listed(3), ElementsAre(4, 5));
  EXPECT_THAT(Audited(), ElementsAre("background/PruneEvents events"));
  clock_.Advance(100 * kDay);
  EXPECT_EQ(Prune(), 1);
  EXPECT_THAT(Listed(0), ElementsAre(5));
  Publish(1);
  EXPECT_THAT(Listed(5), ElementsAre(6));
}

TEST_P(EventPrunerTest, ManyGoInSteps) {
  Publish(1203);
  clock_.Advance(10 * kDay);
  EXPECT_EQ(Prune(), 1202);
}

TEST_P(EventPrunerTest, WhoComesForWhatIsGoneIsToldWhatThereIs) {
  Publish(3);
  clock_.Advance(10 * kDay);
  Publish(1);
  EXPECT_EQ(Prune(), 3);
  absl::Status listing;
  EXPECT_THAT(Listed(2, &listing), IsEmpty());
  for (const absl::Status& status :
       {Subscribe("b", 0).status(), Subscribe("b", 2).status(), listing}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(ErrorReason(status), "EVENTS_GONE");
    EXPECT_EQ(ErrorMetadata(status, "oldest_sequence"), "4");
  }
  EXPECT_TRUE(Subscribe("b", 3).ok());
}

TEST_P(EventPrunerTest, WhatALiveConsumerLacksIsKeptUpToTheBound) {
  Publish(3);
  auto session = *Subscribe("b", 0);
  RenewLease(*session);
  ASSERT_TRUE(session->Next().ok());
  ASSERT_TRUE(session->Acknowledge(1).ok());
  for (int day = 0; day < 10; ++day) {
    clock_.Advance(kDay);
    RenewLease(*session);
  }
  Publish(1);
  EXPECT_EQ(Prune(), 1);
  EXPECT_THAT(Listed(0), ElementsAre(2, 3, 4));
  for (int day = 0; day < 10; ++day) {
    clock_.Advance(kDay);
    RenewLease(*session);
  }
  EXPECT_EQ(Prune(), 2);
  EXPECT_THAT(Listed(0), ElementsAre(4));
}

TEST_P(EventPrunerTest, ASessionDoesNotPassOverWhatIsGone) {
  Publish(1);
  auto session = *Subscribe("b", 0);
  ASSERT_TRUE(session->Next().ok());
  Publish(2);
  clock_.Advance(20 * kDay);
  Publish(1);
  EXPECT_EQ(Prune(), 3);
  EXPECT_EQ(ErrorReason(session->Next().status()), "EVENTS_GONE");
}

TEST_P(EventPrunerTest, ADeadConsumerIsForgottenAndWelcomeWhenItComesBack) {
  Publish(2);
  {
    auto session = *Subscribe("b", 0);
    for (int i = 0; i < 5; ++i) RenewLease(*session);
  }
  clock_.Advance(5 * kDay);
  Prune();
  EXPECT_EQ(feed_->ListConsumers()->consumers_size(), 1);
  clock_.Advance(absl::Minutes(1));
  Prune();
  EXPECT_THAT(Audited(), ElementsAre("background/ForgetConsumer consumers/b/0"));
  // Another process, which has known it all the time, believes in its next lease.
  Outbox outbox("a", clock_);
  auto session = *Subscribe("b", 2);
  RenewLease(*session);
  const auto consumers = feed_->ListConsumers();
  ASSERT_EQ(consumers->consumers_size(), 1);
  EXPECT_TRUE(consumers->consumers(0).fresh());
}

// What only databases that several processes share can show.
class EventPrunerReplicasTest : public EventPrunerTest {};

TEST_P(EventPrunerReplicasTest, AReplicaBelievesTheLeaseOfOneThatWasForgotten) {
  Outbox other_outbox("a", clock_);
  auto other = *Feed::Create(*database_, clock_, other_outbox);
  {
    auto session = *Subscribe("b", 0);
    for (int i = 0; i < 5; ++i) RenewLease(*session);
  }
  EXPECT_EQ(other->ListConsumers()->consumers_size(), 1);
  clock_.Advance(6 * kDay);
  Prune();
  auto session = *Subscribe("b", 0);
  RenewLease(*session);
  ASSERT_EQ(other->ListConsumers()->consumers_size(), 1);
  EXPECT_TRUE(other->ListConsumers()->consumers(0).fresh());
}

TEST_P(EventPrunerTest, WithoutARetentionEverythingIsKept) {
  Publish(2);
  clock_.Advance(10'000 * kDay);
  EventPruner pruner(*database_, clock_, {});
  EXPECT_EQ(*pruner.PruneDue(), 0);
  EXPECT_THAT(Listed(0), ElementsAre(1, 2));
}

TEST_P(EventPrunerTest, AFollowerForWhichEventsAreGoneSuspendsAndSkipsNothing) {
  clock::FakeClock clock;
  const auto publisher_database = MakeDatabase(GetParam());
  const auto follower_database = MakeDatabase(GetParam());
  Node publisher("a", publisher_database->url(), clock);
  Node follower("b", follower_database->url(), clock);
  publisher.Publish();
  follower.Follow(publisher);
  ASSERT_TRUE(Eventually([&] { return follower.follower("a").lease().fresh(); }));
  ASSERT_TRUE(Eventually([&] { return follower.follower("a").applied() == 1; }));
  follower.Stop();
  // What it misses is put aside, as in a backup, and deleted.
  publisher.Publish();
  publisher.Publish();
  clock.Advance(40 * kDay);
  publisher.Publish();
  std::vector<std::string> aside;
  ASSERT_TRUE(publisher.database()
                  .Write([&](storage::Transaction& tx) {
                    return tx.Execute("CREATE TABLE aside AS SELECT * FROM events").status();
                  })
                  .ok());
  EventPruner pruner(publisher.database(), clock, {.retention = kDay});
  EXPECT_EQ(*pruner.PruneDue(), 3);

  follower.Start();
  follower.Follow(publisher);
  ASSERT_TRUE(Eventually([&] {
    clock.Advance(absl::Milliseconds(100));
    return follower.follower("a").state() == Follower::State::kOutOfRange;
  }));
  clock.Advance(absl::Minutes(1));
  EXPECT_FALSE(follower.follower("a").lease().fresh());
  EXPECT_THAT(follower.Applied("a"), ElementsAre("1"));

  // Put back, they are applied, all of them and in order.
  ASSERT_TRUE(publisher.database()
                  .Write([&](storage::Transaction& tx) {
                    return tx
                        .Execute(
                            "INSERT INTO events SELECT * FROM aside WHERE sequence NOT IN "
                            "(SELECT sequence FROM events)")
                        .status();
                  })
                  .ok());
  ASSERT_TRUE(Eventually([&] {
    clock.Advance(absl::Milliseconds(100));
    return follower.follower("a").applied() == 4 && follower.follower("a").lease().fresh();
  }));
  EXPECT_THAT(follower.Applied("a"), ElementsAre("1", "2", "3", "4"));
}

INSTANTIATE_TEST_SUITE_P(Engines, EventPrunerTest, ::testing::Values("sqlite", "postgresql"));
INSTANTIATE_TEST_SUITE_P(Engines, EventPrunerReplicasTest, ::testing::Values("postgresql"));

}  // namespace
}  // namespace keyward::events
