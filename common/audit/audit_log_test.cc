#include "common/audit/audit_log.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/audit/audit_store.h"
#include "common/storage/testing/temporary_database.h"
#include "google/protobuf/util/message_differencer.h"

namespace keyward::audit {
namespace {

using google::protobuf::util::MessageDifferencer;
using storage::testing::TemporaryDatabase;

v1::AuditEntry MakeEntry(const std::string& resource, const std::string& correlation_id = "c") {
  v1::AuditEntry entry;
  entry.mutable_time()->set_seconds(1'700'000'000);
  entry.mutable_time()->set_nanos(123'456'000);
  entry.set_operation("keyward.keyvault.v1.KeyService/GetKey");
  entry.set_resource(resource);
  entry.set_result("OK");
  entry.set_principal("spiffe://keyward.local/operator/alice");
  entry.set_peer("ipv4:127.0.0.1:1");
  entry.set_correlation_id(correlation_id);
  entry.mutable_duration()->set_nanos(1'500'000);
  (*entry.mutable_details())["key_version"] = "vaults/v/keys/k/versions/1";
  return entry;
}

// On SQLite, and on PostgreSQL where there is one.
class AuditLogTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      auto postgresql = TemporaryDatabase::Postgresql();
      if (!postgresql.ok()) GTEST_SKIP() << postgresql.status().message();
      home_ = *std::move(postgresql);
    } else {
      home_ = TemporaryDatabase::Sqlite();
    }
    auto database = storage::Database::Open(home_->url(), {AuditSchema()});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }

  std::vector<v1::AuditEntry> Read(const AuditFilter& filter = {}, int64_t before_id = 0,
                                   int limit = 10000) {
    std::vector<v1::AuditEntry> entries;
    const absl::Status status = database_->Read([&](storage::Transaction& tx) -> absl::Status {
      auto read = ReadEntries(tx, filter, before_id, limit);
      if (read.ok()) entries = *std::move(read);
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return entries;
  }

  std::unique_ptr<TemporaryDatabase> home_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(AuditLogTest, EntryIsThereWhenRecordReturns) {
  AuditLog log(*database_);
  v1::AuditEntry entry = MakeEntry("vaults/v");
  ASSERT_TRUE(log.RecordAndWait(entry).ok());
  const std::vector<v1::AuditEntry> entries = Read();
  ASSERT_EQ(entries.size(), 1u);
  entry.set_id(1);
  EXPECT_TRUE(MessageDifferencer::Equals(entries[0], entry)) << entries[0].DebugString();
}

TEST_P(AuditLogTest, ManyCallersShareTransactionsAndNoEntryIsLost) {
  constexpr int kThreads = 8;
  constexpr int kEntries = 100;
  {
    AuditLog log(*database_);
    absl::BlockingCounter recorded(kThreads * kEntries);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEntries; ++i) {
          log.Record(MakeEntry(absl::StrCat("vaults/", thread)), [&](absl::Status status) {
            EXPECT_TRUE(status.ok()) << status;
            recorded.DecrementCount();
          });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    recorded.Wait();
  }
  const std::vector<v1::AuditEntry> entries = Read();
  ASSERT_EQ(entries.size(), static_cast<size_t>(kThreads * kEntries));
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].id(), static_cast<int64_t>(entries.size() - i));
  }
}

TEST_P(AuditLogTest, WhatIsNoTextIsRecordedAsText) {
  AuditLog log(*database_);
  // As of a name that was cut short within a character.
  const std::string cut = "vaults/caf\xc3";
  ASSERT_EQ(log.RecordAndWait(MakeEntry(cut)), absl::OkStatus());
  ASSERT_EQ(log.RecordAndWait(MakeEntry(std::string("zero\0byte", 9))), absl::OkStatus());
  ASSERT_EQ(log.RecordAndWait(MakeEntry("vaults/café")), absl::OkStatus());
  const std::vector<v1::AuditEntry> entries = Read();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[2].resource(), "vaults/caf\xef\xbf\xbd");
  EXPECT_EQ(entries[1].resource(),
            "zero\xef\xbf\xbd"
            "byte");
  EXPECT_EQ(entries[0].resource(), "vaults/café");
}

TEST_P(AuditLogTest, AnEntryThatCannotBeWrittenFailsAlone) {
  ASSERT_EQ(database_->Write([](storage::Transaction& tx) {
    return tx.Execute("CREATE UNIQUE INDEX peers ON audit_entries (peer)").status();
  }),
            absl::OkStatus());
  std::vector<absl::StatusCode> results(4);
  {
    AuditLog log(*database_);
    // While this transaction is open, the entries gather (on SQLite, which has one writer).
    ASSERT_EQ(database_->Write([&](storage::Transaction&) {
      for (int i = 0; i < 4; ++i) {
        v1::AuditEntry entry = MakeEntry("vaults/v");
        entry.set_peer(i == 2 ? "peer 1" : absl::StrCat("peer ", i));
        log.Record(std::move(entry), [&, i](absl::Status status) { results[i] = status.code(); });
      }
      return absl::OkStatus();
    }),
              absl::OkStatus());
  }
  EXPECT_EQ(results[0], absl::StatusCode::kOk);
  EXPECT_EQ(results[1], absl::StatusCode::kOk);
  EXPECT_NE(results[2], absl::StatusCode::kOk);
  EXPECT_EQ(results[3], absl::StatusCode::kOk);
  EXPECT_EQ(Read().size(), 3u);
}

TEST_P(AuditLogTest, DestructorFinishesWhatWasGiven) {
  int recorded = 0;
  {
    AuditLog log(*database_);
    for (int i = 0; i < 50; ++i) {
      log.Record(MakeEntry("vaults/v"), [&](absl::Status status) { recorded += status.ok(); });
    }
  }
  EXPECT_EQ(recorded, 50);
  EXPECT_EQ(Read().size(), 50u);
}

TEST_P(AuditLogTest, ListIsFilteredNewestFirstAndPaged) {
  AuditLog log(*database_);
  for (const char* resource : {"vaults/v", "vaults/v/keys/k", "vaults/vv", "accounts/a"}) {
    ASSERT_TRUE(log.RecordAndWait(MakeEntry(resource, absl::StrCat("of ", resource))).ok());
  }
  const auto below = Read({.resource = "vaults/v", .correlation_id = ""});
  ASSERT_EQ(below.size(), 2u);
  EXPECT_EQ(below[0].resource(), "vaults/v/keys/k");
  EXPECT_EQ(below[1].resource(), "vaults/v");
  EXPECT_EQ(Read({.resource = "/", .correlation_id = ""}).size(), 4u);
  const auto correlated = Read({.resource = "", .correlation_id = "of accounts/a"});
  ASSERT_EQ(correlated.size(), 1u);
  EXPECT_EQ(correlated[0].resource(), "accounts/a");
  const auto page = Read({}, 4, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id(), 3);
  EXPECT_EQ(page[1].id(), 2);
}

TEST_P(AuditLogTest, EntryIsAlsoAboutWhatTheCallMade) {
  AuditLog log(*database_);
  v1::AuditEntry entry = MakeEntry("subscriptions/s");
  (*entry.mutable_details())[kCreatedDetail] = "vaults/v";
  ASSERT_TRUE(log.RecordAndWait(entry).ok());
  EXPECT_EQ(Read({.resource = "vaults/v", .correlation_id = ""}).size(), 1u);
  EXPECT_EQ(Read({.resource = "subscriptions/s", .correlation_id = ""}).size(), 1u);
  EXPECT_EQ(Read({.resource = "vaults", .correlation_id = ""}).size(), 1u);
  EXPECT_TRUE(Read({.resource = "vaults/vv", .correlation_id = ""}).empty());
  EXPECT_TRUE(Read({.resource = "vaults/v/keys/k", .correlation_id = ""}).empty());
}

TEST_P(AuditLogTest, TextThatIsNoUtf8IsKeptReadable) {
  AuditLog log(*database_);
  v1::AuditEntry entry = MakeEntry("vaults/v");
  (*entry.mutable_details())["odd"] = "a\xff\"b\n";
  ASSERT_TRUE(log.RecordAndWait(entry).ok());
  EXPECT_EQ(Read().at(0).details().at("odd"), "a\xef\xbf\xbd\"b\n");
}

INSTANTIATE_TEST_SUITE_P(Engines, AuditLogTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Postgresql" : "Sqlite"; });

}  // namespace
}  // namespace keyward::audit
