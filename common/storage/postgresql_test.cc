// What only a server can do: go away, and come back.

#include <memory>
#include <string>

#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "gtest/gtest.h"

namespace keyward::storage {
namespace {

using testing::TemporaryDatabase;

const Schema& TestSchema() {
  static const Schema& schema =
      *new Schema{"test", {{1, "numbers", "CREATE TABLE numbers (n BIGINT PRIMARY KEY);\n"}}};
  return schema;
}

class PostgresqlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDatabase::Postgresql();
    if (!made.ok()) GTEST_SKIP() << made.status().message();
    temporary_ = *std::move(made);
    database_ = Open();
  }

  std::unique_ptr<Database> Open() {
    auto database = Database::Open(temporary_->url(), {TestSchema()});
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  static absl::StatusOr<int64_t> Pid(Transaction& tx) {
    auto row = tx.QueryOne("SELECT pg_backend_pid()");
    if (!row.ok()) return row.status();
    return (*row)->GetInt64(0);
  }

  // Ends a connection as a restart of the server does.
  void Terminate(int64_t pid) {
    EXPECT_TRUE(
        other_
            ->Write([&](Transaction& tx) {
              return tx.Query("SELECT pg_terminate_backend(CAST(:pid AS INTEGER))", {{"pid", pid}})
                  .status();
            })
            .ok());
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Database> other_;
};

TEST_F(PostgresqlTest, LostConnectionsAreReplacedUnnoticed) {
  other_ = Open();
  int64_t writer = 0, reader = 0;
  const auto note = [](int64_t& pid) {
    return [&pid](Transaction& tx) {
      auto found = Pid(tx);
      if (found.ok()) pid = *found;
      return found.status();
    };
  };
  ASSERT_TRUE(database_->Write(note(writer)).ok());
  ASSERT_TRUE(database_->Read(note(reader)).ok());
  Terminate(writer);
  Terminate(reader);
  const int64_t old_writer = writer, old_reader = reader;
  EXPECT_TRUE(database_->Write(note(writer)).ok());
  EXPECT_TRUE(database_->Read(note(reader)).ok());
  EXPECT_NE(writer, old_writer);
  EXPECT_NE(reader, old_reader);
}

TEST_F(PostgresqlTest, WorkWhoseConnectionIsLostHalfwayIsDoneOnce) {
  other_ = Open();
  bool first = true;
  const absl::Status status = database_->Write([&](Transaction& tx) -> absl::Status {
    if (auto added = tx.Execute("INSERT INTO numbers (n) VALUES (1)"); !added.ok()) {
      return added.status();
    }
    auto pid = Pid(tx);
    if (!pid.ok()) return pid.status();
    if (first) Terminate(*pid);
    first = false;
    return tx.Execute("INSERT INTO numbers (n) VALUES (2)").status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(database_
                  ->Read([](Transaction& tx) {
                    auto row = tx.QueryOne("SELECT COUNT(*) FROM numbers");
                    EXPECT_EQ((*row)->GetInt64(0), 2);
                    return row.status();
                  })
                  .ok());
}

}  // namespace
}  // namespace keyward::storage
