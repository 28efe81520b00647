#include "common/events/outbox.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/events/event_store.h"
#include "common/events/events_schema.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"

namespace keyward::events {
namespace {

using storage::Database;
using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;

class OutboxTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    temporary_ = TemporaryDatabase::Sqlite();
    if (GetParam() == "postgresql") {
      auto made = TemporaryDatabase::Postgresql();
      if (!made.ok()) GTEST_SKIP() << made.status().message();
      temporary_ = *std::move(made);
    }
    database_ = Open();
  }

  std::unique_ptr<Database> Open() {
    auto database = Database::Open(temporary_->url(), {EventsSchema()});
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  static absl::StatusOr<int64_t> Append(Outbox& outbox, storage::Transaction& tx,
                                        const std::string& text) {
    google::protobuf::StringValue data;
    data.set_value(text);
    return outbox.Append(tx, {.type = "test.Happened",
                              .subject = "things/" + text,
                              .data = data,
                              .correlation_id = "c-1",
                              .caused_by = "other/7"});
  }

  std::vector<v1::Event> All(Database& database) {
    std::vector<v1::Event> events;
    const absl::Status status = database.Read([&](storage::Transaction& tx) {
      auto read = EventsAfter(tx, "test", 0, 100000);
      if (read.ok()) events = *std::move(read);
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return events;
  }

  clock::FakeClock clock_;
  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Database> database_;
  Outbox outbox_{"test", clock_};
};

TEST_P(OutboxTest, EventsComeBackWithEveryAttribute) {
  std::vector<int64_t> heard;
  outbox_.SetListener([&](int64_t sequence) { heard.push_back(sequence); });
  int64_t highest = 0;
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) {
                    EXPECT_EQ(*Append(outbox_, tx, "a"), 1);
                    EXPECT_EQ(*Append(outbox_, tx, "b"), 2);
                    highest = tx.highest_appended();
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(highest, 2);
  EXPECT_THAT(heard, ElementsAre(1, 2));
  const std::vector<v1::Event> events = All(*database_);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].id(), "test/2");
  EXPECT_EQ(events[1].source(), "test");
  EXPECT_EQ(events[1].type(), "test.Happened");
  EXPECT_EQ(events[1].subject(), "things/b");
  EXPECT_EQ(events[1].sequence(), 2);
  EXPECT_EQ(events[1].time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(events[1].correlation_id(), "c-1");
  EXPECT_EQ(events[1].caused_by(), "other/7");
  google::protobuf::StringValue data;
  ASSERT_TRUE(events[1].data().UnpackTo(&data));
  EXPECT_EQ(data.value(), "b");
}

TEST_P(OutboxTest, WhatIsRolledBackLeavesNoGapAndIsNotHeard) {
  std::vector<int64_t> heard;
  outbox_.SetListener([&](int64_t sequence) { heard.push_back(sequence); });
  EXPECT_FALSE(database_
                   ->Write([&](storage::Transaction& tx) {
                     EXPECT_EQ(*Append(outbox_, tx, "a"), 1);
                     return absl::CancelledError("no");
                   })
                   .ok());
  EXPECT_TRUE(
      database_->Write([&](storage::Transaction& tx) { return Append(outbox_, tx, "b").status(); })
          .ok());
  EXPECT_THAT(heard, ElementsAre(1));
  EXPECT_EQ(All(*database_).size(), 1u);
}

// Writers in two processes (here: Database objects); readers must see 1..n for some n, always.
TEST_P(OutboxTest, NoSequenceBecomesVisibleAfterAHigherOne) {
  constexpr int kWriters = 4, kEvents = 25;
  const std::unique_ptr<Database> other = Open();
  std::atomic<int> running{kWriters};
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      Database& database = i % 2 == 0 ? *database_ : *other;
      Outbox outbox("test", clock_);
      for (int n = 0; n < kEvents; ++n) {
        const absl::Status status = database.Write(
            [&](storage::Transaction& tx) { return Append(outbox, tx, "x").status(); });
        EXPECT_TRUE(status.ok()) << status;
      }
      --running;
    });
  }
  size_t most = 0;
  while (running > 0) {
    const std::vector<v1::Event> events = All(*other);
    EXPECT_GE(events.size(), most);
    most = events.size();
    ASSERT_TRUE(events.empty() || events.back().sequence() == static_cast<int64_t>(most));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(All(*database_).size(), static_cast<size_t>(kWriters * kEvents));
}

INSTANTIATE_TEST_SUITE_P(Engines, OutboxTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::events
