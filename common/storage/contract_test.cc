// What every engine must do; run on SQLite always and on PostgreSQL where there is one.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyward::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TemporaryDatabase;

const Schema& TestSchema() {
  static const Schema& schema = *new Schema{"test",
                                            {{1, "things",
                                              "CREATE TABLE things (\n"
                                              "  name TEXT PRIMARY KEY,\n"
                                              "  size BIGINT NOT NULL,\n"
                                              "  note TEXT\n"
                                              ");\n"
                                              "CREATE TABLE parts (\n"
                                              "  thing TEXT NOT NULL REFERENCES things (name),\n"
                                              "  part TEXT NOT NULL\n"
                                              ");\n"}}};
  return schema;
}

class ContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "sqlite") {
      temporary_ = TemporaryDatabase::Sqlite();
    } else {
      auto made = TemporaryDatabase::Postgresql();
      if (!made.ok()) GTEST_SKIP() << made.status().message();
      temporary_ = *std::move(made);
    }
    database_ = Open();
  }

  std::unique_ptr<Database> Open(const Schema& schema = TestSchema()) {
    auto database = Database::Open(temporary_->url(), {schema});
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  absl::Status Insert(Transaction& tx, std::string_view name, Value size, Value note = nullptr) {
    return tx
        .Execute("INSERT INTO things (name, size, note) VALUES (:name, :size, :note)",
                 {{"name", name}, {"size", size}, {"note", note}})
        .status();
  }

  absl::Status Insert(std::string_view name, Value size) {
    return database_->Write([&](Transaction& tx) { return Insert(tx, name, size); });
  }

  int64_t Count(Database& database) {
    int64_t count = -1;
    const absl::Status status = database.Read([&](Transaction& tx) {
      auto row = tx.QueryOne("SELECT COUNT(*) FROM things");
      if (row.ok()) count = (*row)->GetInt64(0);
      return row.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }

  bool Exists(const std::string& name) {
    bool exists = false;
    const absl::Status status = database_->Read([&](Transaction& tx) {
      auto row = tx.QueryOne("SELECT 1 FROM things WHERE name = :name", {{"name", name}});
      if (row.ok()) exists = row->has_value();
      return row.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return exists;
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Database> database_;
};

TEST_P(ContractTest, ValuesComeBackAsTheyWent) {
  const std::string bytes("\0\xff\n'\"", 5);
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  ASSERT_TRUE(database_
                  ->Write([&](Transaction& tx) -> absl::Status {
                    if (auto s = Insert(tx, "blob", -1, Blob(bytes)); !s.ok()) return s;
                    if (auto s = Insert(tx, "größe", time, ""); !s.ok()) return s;
                    return Insert(tx, "null", INT64_MIN, std::optional<std::string>());
                  })
                  .ok());
  std::vector<Row> rows;
  ASSERT_TRUE(database_
                  ->Read([&](Transaction& tx) {
                    auto found = tx.Query("SELECT name, size, note FROM things ORDER BY name");
                    if (found.ok()) rows = *found;
                    return found.status();
                  })
                  .ok());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].GetInt64(1), -1);
  EXPECT_EQ(rows[0].GetBlob(2), bytes);
  EXPECT_EQ(rows[1].GetString(0), "größe");
  EXPECT_EQ(rows[1].GetTime(1), time);
  EXPECT_FALSE(rows[1].IsNull(2));
  EXPECT_EQ(rows[1].GetString(2), "");
  EXPECT_EQ(rows[2].GetInt64(1), INT64_MIN);
  EXPECT_TRUE(rows[2].IsNull(2));
}

TEST_P(ContractTest, OneStatementServesNumbersNullsAndRepeatedNames) {
  ASSERT_TRUE(Insert("a", 1).ok());
  ASSERT_TRUE(Insert("b", 2).ok());
  const auto find = [&](Value size) {
    std::string names;
    const absl::Status status = database_->Read([&](Transaction& tx) {
      auto rows = tx.Query(
          "SELECT name FROM things WHERE size = CAST(:size AS BIGINT)"
          " OR CAST(:size AS BIGINT) IS NULL ORDER BY name",
          {{"size", size}});
      if (!rows.ok()) return rows.status();
      names.clear();
      for (const Row& row : *rows) names += row.GetString(0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return names;
  };
  EXPECT_EQ(find(2), "b");
  EXPECT_EQ(find(nullptr), "ab");
  EXPECT_EQ(find(1), "a");
  EXPECT_EQ(find(3), "");
}

TEST_P(ContractTest, ReturningAndOnConflictWork) {
  std::vector<int64_t> sizes;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(database_
                    ->Write([&](Transaction& tx) {
                      auto row = tx.QueryOne(
                          "INSERT INTO things (name, size) VALUES (:name, 1)"
                          " ON CONFLICT (name) DO UPDATE SET size = things.size + 1"
                          " RETURNING size",
                          {{"name", "counter"}});
                      if (row.ok()) sizes.push_back((*row)->GetInt64(0));
                      return row.status();
                    })
                    .ok());
  }
  EXPECT_THAT(sizes, ElementsAre(1, 2, 3));
}

TEST_P(ContractTest, ExecuteCountsTheRowsThatItChanged) {
  ASSERT_TRUE(Insert("a", 1).ok());
  ASSERT_TRUE(Insert("b", 1).ok());
  ASSERT_TRUE(database_
                  ->Write([&](Transaction& tx) {
                    EXPECT_EQ(*tx.Execute("UPDATE things SET size = 2 WHERE size = 1"), 2);
                    EXPECT_EQ(*tx.Execute("UPDATE things SET size = 2 WHERE size = 1"), 0);
                    EXPECT_EQ(*tx.Execute("DELETE FROM things WHERE name = :n", {{"n", "a"}}), 1);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_P(ContractTest, ErrorRollsBackAndSkipsOnCommit) {
  bool called = false;
  const absl::Status status = database_->Write([&](Transaction& tx) -> absl::Status {
    tx.OnCommit([&] { called = true; });
    EXPECT_TRUE(Insert(tx, "a", 1).ok());
    return absl::CancelledError("no");
  });
  EXPECT_EQ(status, absl::CancelledError("no"));
  EXPECT_FALSE(called);
  EXPECT_EQ(Count(*database_), 0);
}

TEST_P(ContractTest, OnCommitRunsInOrderWhenOthersCanSeeIt) {
  std::vector<int> calls;
  ASSERT_TRUE(database_
                  ->Write([&](Transaction& tx) {
                    tx.OnCommit([&] { calls.push_back(static_cast<int>(Count(*database_))); });
                    tx.OnCommit([&] { calls.push_back(7); });
                    return Insert(tx, "a", 1);
                  })
                  .ok());
  EXPECT_THAT(calls, ElementsAre(1, 7));
}

TEST_P(ContractTest, BrokenConstraintsHaveTheirCodesAndTellNoValues) {
  ASSERT_TRUE(Insert("secret-name", 1).ok());
  const absl::Status taken = Insert("secret-name", 2);
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists) << taken;
  EXPECT_THAT(std::string(taken.message()), Not(HasSubstr("secret-name")));
  const absl::Status null = Insert("b", nullptr);
  EXPECT_EQ(null.code(), absl::StatusCode::kFailedPrecondition) << null;
  const absl::Status orphan = database_->Write([&](Transaction& tx) {
    return tx
        .Execute("INSERT INTO parts (thing, part) VALUES (:thing, 'p')", {{"thing", "nowhere"}})
        .status();
  });
  EXPECT_EQ(orphan.code(), absl::StatusCode::kFailedPrecondition) << orphan;
  EXPECT_EQ(Count(*database_), 1);
}

TEST_P(ContractTest, FailedStatementCannotBeIgnored) {
  ASSERT_TRUE(Insert("a", 1).ok());
  const absl::Status status = database_->Write([&](Transaction& tx) {
    EXPECT_FALSE(Insert(tx, "a", 1).ok());
    EXPECT_FALSE(Insert(tx, "b", 1).ok());
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(Count(*database_), 1);
  EXPECT_TRUE(Insert("b", 1).ok()) << "the connection goes on";
}

TEST_P(ContractTest, WrongSqlIsInternal) {
  EXPECT_EQ(
      database_->Write([](Transaction& tx) { return tx.Execute("SELEKT 1").status(); }).code(),
      absl::StatusCode::kInternal);
  EXPECT_EQ(database_
                ->Read([](Transaction& tx) {
                  return tx.Query("SELECT size FROM things WHERE name = :a", {{"b", 1}}).status();
                })
                .code(),
            absl::StatusCode::kInternal);
}

TEST_P(ContractTest, ReadIsOneSnapshotAndDoesNotBlockWrites) {
  ASSERT_TRUE(Insert("a", 1).ok());
  ASSERT_TRUE(database_
                  ->Read([&](Transaction& tx) {
                    const auto count = [&] {
                      return (*tx.QueryOne("SELECT COUNT(*) FROM things"))->GetInt64(0);
                    };
                    EXPECT_EQ(count(), 1);
                    std::thread([&] { EXPECT_TRUE(Insert("b", 1).ok()); }).join();
                    EXPECT_EQ(count(), 1);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(Count(*database_), 2);
}

TEST_P(ContractTest, ReadOneIsForOneStatementAndSeesWhatWasWritten) {
  ASSERT_TRUE(Insert("a", 1).ok());
  int64_t count = 0;
  const auto read = [&](Transaction& tx) -> absl::Status {
    auto row = tx.QueryOne("SELECT COUNT(*) FROM things");
    if (row.ok()) count = (*row)->GetInt64(0);
    return row.status();
  };
  EXPECT_TRUE(database_->ReadOne(read).ok());
  EXPECT_EQ(count, 1);
  EXPECT_TRUE(absl::IsInternal(database_->ReadOne([&](Transaction& tx) -> absl::Status {
    EXPECT_TRUE(read(tx).ok());
    return read(tx);
  })));
  // Nor can the error be ignored, or stay for the next one.
  EXPECT_TRUE(absl::IsInternal(database_->ReadOne([&](Transaction& tx) {
    EXPECT_TRUE(read(tx).ok());
    EXPECT_FALSE(read(tx).ok());
    return absl::OkStatus();
  })));
  ASSERT_TRUE(Insert("b", 1).ok());
  EXPECT_TRUE(database_->ReadOne(read).ok());
  EXPECT_EQ(count, 2);
}

// Each of several processes (here: Database objects) reads a number and writes it back plus one.
TEST_P(ContractTest, ConcurrentWritersLoseNoUpdate) {
  ASSERT_TRUE(Insert("counter", 0).ok());
  constexpr int kThreads = 4, kTurns = 25;
  std::unique_ptr<Database> other = Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, database = i % 2 == 0 ? database_.get() : other.get()] {
      for (int turn = 0; turn < kTurns; ++turn) {
        const absl::Status status = database->Write([](Transaction& tx) {
          auto row = tx.QueryOne("SELECT size FROM things WHERE name = 'counter'");
          if (!row.ok()) return row.status();
          return tx
              .Execute("UPDATE things SET size = :size WHERE name = 'counter'",
                       {{"size", (*row)->GetInt64(0) + 1}})
              .status();
        });
        EXPECT_TRUE(status.ok()) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(database_
                  ->Read([&](Transaction& tx) {
                    auto row = tx.QueryOne("SELECT size FROM things WHERE name = 'counter'");
                    EXPECT_EQ((*row)->GetInt64(0), kThreads * kTurns);
                    return row.status();
                  })
                  .ok());
}

// Writers that queue may share a commit; what fails among them must not touch the others.
TEST_P(ContractTest, ConcurrentWritersSucceedAndFailEachForItself) {
  ASSERT_TRUE(Insert("taken", 0).ok());
  constexpr int kThreads = 16, kTurns = 10;
  std::atomic<int> committed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < kTurns; ++turn) {
        const bool fails = (i + turn) % 3 == 0;
        const bool gives_up = (i + turn) % 3 == 1;
        const std::string name = absl::StrCat("thing-", i, "-", turn);
        const absl::Status status = database_->Write([&](Transaction& tx) -> absl::Status {
          tx.OnCommit([&] { ++committed; });
          if (auto s = Insert(tx, name, 1); !s.ok()) return s;
          if (fails) return Insert(tx, "taken", 1);
          return gives_up ? absl::CancelledError("no") : absl::OkStatus();
        });
        EXPECT_EQ(status.code(), fails      ? absl::StatusCode::kAlreadyExists
                                 : gives_up ? absl::StatusCode::kCancelled
                                            : absl::StatusCode::kOk)
            << status;
        if (!fails && !gives_up) {
          EXPECT_TRUE(Exists(name)) << "visible as soon as it is acknowledged";
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count(*database_), committed + 1);
}

TEST_P(ContractTest, ManyReadersRunAtOnce) {
  ASSERT_TRUE(Insert("a", 1).ok());
  std::vector<std::thread> threads;
  std::atomic<int> seen{0};
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] { seen += static_cast<int>(Count(*database_)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, 32);
}

TEST_P(ContractTest, ReopeningFindsEverythingAndTakesOnlyNewSteps) {
  ASSERT_TRUE(Insert("a", 1).ok());
  database_ = nullptr;
  Schema newer = TestSchema();
  newer.migrations.push_back({2, "colour", "ALTER TABLE things ADD COLUMN colour TEXT;\n"});
  database_ = Open(newer);
  EXPECT_EQ(Count(*database_), 1);
  database_ = Open(newer);
  EXPECT_EQ(Count(*database_), 1);
  const auto older = Database::Open(temporary_->url(), {TestSchema()});
  EXPECT_EQ(older.status().code(), absl::StatusCode::kFailedPrecondition) << older.status();
}

TEST_P(ContractTest, SeveralProcessesMayOpenAnEmptyDatabaseAtOnce) {
  std::unique_ptr<Database> databases[4];
  Schema schema = TestSchema();
  schema.component = "another";
  schema.migrations = {{1, "more", "CREATE TABLE more (id BIGINT PRIMARY KEY);\n"}};
  std::vector<std::thread> threads;
  for (auto& database : databases) threads.emplace_back([&] { database = Open(schema); });
  for (std::thread& thread : threads) thread.join();
  for (auto& database : databases) EXPECT_EQ(Count(*database), 0);
}

TEST_P(ContractTest, ScrubSucceeds) {
  ASSERT_TRUE(Insert("a", 1).ok());
  EXPECT_TRUE(database_->Scrub().ok());
  EXPECT_EQ(Count(*database_), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, ContractTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::storage
