// What only SQLite promises: a private file, and nothing left of what was overwritten.

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "gtest/gtest.h"

namespace keyward::storage {
namespace {

const Schema& TestSchema() {
  static const Schema& schema = *new Schema{
      "test", {{1, "keys", "CREATE TABLE keys (name TEXT PRIMARY KEY, wrapped TEXT NOT NULL);\n"}}};
  return schema;
}

class SqliteTest : public ::testing::Test {
 protected:
  void Put(Database& database, std::string_view wrapped) {
    const absl::Status status = database.Write([&](Transaction& tx) {
      return tx
          .Execute(
              "INSERT INTO keys (name, wrapped) VALUES ('k', :wrapped)"
              " ON CONFLICT (name) DO UPDATE SET wrapped = excluded.wrapped",
              {{"wrapped", wrapped}})
          .status();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  bool FilesHold(const std::string& text) {
    for (const auto& file : std::filesystem::directory_iterator(path_.parent_path())) {
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      if (absl::StrContains(bytes, text)) return true;
    }
    return false;
  }

  const std::unique_ptr<testing::TemporaryDatabase> temporary_ =
      testing::TemporaryDatabase::Sqlite();
  const std::filesystem::path path_ = temporary_->url().substr(7);
};

TEST_F(SqliteTest, EveryFileIsPrivateAlsoWhenItWasNot) {
  std::ofstream(path_).close();
  chmod(path_.c_str(), 0644);
  const auto database = Database::Open(temporary_->url(), {TestSchema()});
  ASSERT_TRUE(database.ok()) << database.status();
  Put(**database, "w");
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(path_.parent_path())) {
    EXPECT_EQ(file.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << file.path();
    ++files;
  }
  EXPECT_EQ(files, 3) << "database, log and its index";
}

TEST_F(SqliteTest, ScrubLeavesNothingOfAnOverwrittenValue) {
  const auto database = Database::Open(temporary_->url(), {TestSchema()});
  ASSERT_TRUE(database.ok()) << database.status();
  Put(**database, "the-old-wrapping");
  Put(**database, "the-new-wrapping");
  EXPECT_TRUE(FilesHold("the-old-wrapping"));
  ASSERT_TRUE((*database)->Scrub().ok());
  EXPECT_FALSE(FilesHold("the-old-wrapping"));
  EXPECT_TRUE(FilesHold("the-new-wrapping"));
}

TEST_F(SqliteTest, ScrubSaysWhenAReaderHeldItUp) {
  const auto database = Database::Open(temporary_->url(), {TestSchema()});
  ASSERT_TRUE(database.ok()) << database.status();
  Put(**database, "the-old-wrapping");
  ASSERT_EQ((*database)->Read([&](Transaction& tx) -> absl::Status {
    EXPECT_TRUE(tx.Query("SELECT 1 FROM sqlite_master").ok());
    Put(**database, "the-new-wrapping");
    EXPECT_TRUE(absl::IsUnavailable((*database)->Scrub()));
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ((*database)->Scrub(), absl::OkStatus());
}

TEST_F(SqliteTest, FileThatCannotBeOpenedIsUnavailable) {
  const auto database = Database::Open("sqlite:/nowhere/at/all.db", {TestSchema()});
  EXPECT_EQ(database.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(database.status()), "DEPENDENCY_UNAVAILABLE");
}

TEST(DatabaseUrlTest, ServerThatDoesNotAnswerIsUnavailable) {
  const auto database = Database::Open("postgresql://nobody@127.0.0.1:1/none", {TestSchema()});
  EXPECT_EQ(database.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(database.status()), "DEPENDENCY_UNAVAILABLE");
}

TEST(DatabaseUrlTest, OtherUrlsAreRefused) {
  for (const char* url : {"", "mysql://x", "sqlite:", "sqlite:relative.db", "sqlite:/a\"b.db"}) {
    EXPECT_EQ(Database::Open(url, {}).status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
}

}  // namespace
}  // namespace keyward::storage
