// A process that writes is killed at each fault point; what it had been told is durable is there.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/storage/database.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "gtest/gtest.h"

namespace keyward::storage {
namespace {

using testing::TemporaryDatabase;

constexpr char kChildUrlVariable[] = "KEYWARD_CRASH_TEST_URL";

const Schema& TestSchema() {
  static const Schema& schema = *new Schema{"test",
                                            {{1, "two tables that must agree",
                                              "CREATE TABLE ones (n BIGINT PRIMARY KEY);\nCREATE "
                                              "TABLE others (n BIGINT PRIMARY KEY);\n"}}};
  return schema;
}

std::unique_ptr<Database> Open(const std::string& url) {
  auto database = Database::Open(url, {TestSchema()});
  EXPECT_TRUE(database.ok()) << database.status();
  return *std::move(database);
}

// Writes one number after the other to both tables and says on stdout which are acknowledged, until
// it is killed.
void WriteUntilKilled(const std::string& url) {
  std::unique_ptr<Database> database = Open(url);
  for (int64_t n = 1;; ++n) {
    const absl::Status status = database->Write([&](Transaction& tx) -> absl::Status {
      auto one = tx.Execute("INSERT INTO ones (n) VALUES (:n)", {{"n", n}});
      if (!one.ok()) return one.status();
      KW_FAULT_POINT("crash_test.between");
      return tx.Execute("INSERT INTO others (n) VALUES (:n)", {{"n", n}}).status();
    });
    if (!status.ok()) exit(1);
    printf("%lld\n", static_cast<long long>(n));
    fflush(stdout);
  }
}

struct Killed {
  int64_t acknowledged = 0;
  int exit_code = 0;
};

// Runs this program again as the writer.
Killed RunWriter(const std::string& url, const std::string& fault_point) {
  setenv(kChildUrlVariable, url.c_str(), 1);
  setenv(kFaultPointVariable, fault_point.c_str(), 1);
  FILE* output = popen("/proc/$PPID/exe", "r");
  Killed killed;
  long long n = 0;
  while (fscanf(output, "%lld", &n) == 1) killed.acknowledged = n;
  killed.exit_code = WEXITSTATUS(pclose(output));
  unsetenv(kChildUrlVariable);
  unsetenv(kFaultPointVariable);
  return killed;
}

class CrashTest : public ::testing::TestWithParam<std::string> {};

TEST_P(CrashTest, NothingAcknowledgedIsLostAndNothingIsHalfDone) {
  std::unique_ptr<TemporaryDatabase> temporary = TemporaryDatabase::Sqlite();
  if (GetParam() == "postgresql") {
    auto made = TemporaryDatabase::Postgresql();
    if (!made.ok()) GTEST_SKIP() << made.status().message();
    temporary = *std::move(made);
  }
  for (const char* point :
       {"crash_test.between", "storage.before_commit", "storage.after_commit"}) {
    SCOPED_TRACE(point);
    const Killed killed = RunWriter(temporary->url(), absl::StrCat(point, ":5"));
    EXPECT_EQ(killed.exit_code, 137);
    EXPECT_EQ(killed.acknowledged, 4);
    std::unique_ptr<Database> database = Open(temporary->url());
    const absl::Status status = database->Write([&](Transaction& tx) {
      auto row = tx.QueryOne("SELECT (SELECT COUNT(*) FROM ones), (SELECT COUNT(*) FROM others)");
      EXPECT_GE((*row)->GetInt64(0), killed.acknowledged);
      EXPECT_LE((*row)->GetInt64(0), killed.acknowledged + 1);
      EXPECT_EQ((*row)->GetInt64(0), (*row)->GetInt64(1));
      auto cleared = tx.Execute("DELETE FROM ones");
      return cleared.ok() ? tx.Execute("DELETE FROM others").status() : cleared.status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, CrashTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::storage

int main(int argc, char** argv) {
  if (const char* url = getenv(keyward::storage::kChildUrlVariable)) {
    keyward::storage::WriteUntilKilled(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
