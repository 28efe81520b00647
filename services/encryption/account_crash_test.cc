// The service is killed at every commit, before and after it, and between the steps of a purge,
// while an account is deleted, recovered, deleted again and purged. In the end it was deleted
// twice, recovered and purged once, and nothing is left of it elsewhere.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kUrlVariable[] = "KEYWARD_CRASH_TEST_URL";
constexpr char kUsagesVariable[] = "KEYWARD_CRASH_TEST_USAGES";
constexpr char kAccount[] = "accounts/contoso";

// The request_id of a step.
std::string RequestId(const char* end) {
  return absl::StrCat("7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f", end);
}

// What one process does: every step, each of which does nothing if an earlier process did it. The
// peers do the same in every process; what is registered at key_vault outlives them in a file.
class Story final : public EncryptionFixture {
 public:
  Story(const std::string& url, const std::string& usages_file) : EncryptionFixture(url) {
    key_vault_.KeepUsagesIn(usages_file);
  }

  void TestBody() override {}

  // Returns what went wrong; empty if nothing did.
  std::string Run() {
    identities_.Create(Call(), Name("contoso"), kSubscription).IgnoreError();
    core_->background().RunHousekeeping();
    if (Sql("SELECT account FROM accounts").empty()) CreateAccount("contoso");
    EnableAndGrant("contoso");
    // With its request_id it is answered as before, also once the account is gone.
    for (const absl::Status& step : {Enable("contoso", kKey, RequestId("10")).status(),
                                     Delete("11"), Recover("12"), Delete("13"), Purge("14")}) {
      if (!step.ok()) return step.ToString();
    }
    for (int i = 0; i < 4; ++i) {
      core_->background().RunWork();
      clock_.Advance(absl::Minutes(1));
    }
    core_->background().RunScrub();
    return Check();
  }

 private:
  absl::Status Delete(const char* id) {
    v1::DeleteAccountRequest request;
    request.set_name(kAccount);
    request.set_request_id(RequestId(id));
    return core_->lifecycle().Delete(Call(), request).status();
  }
  absl::Status Recover(const char* id) {
    v1::RecoverAccountRequest request;
    request.set_name(kAccount);
    request.set_request_id(RequestId(id));
    return core_->lifecycle().Recover(Call(), request).status();
  }
  absl::Status Purge(const char* id) {
    v1::PurgeAccountRequest request;
    request.set_name(kAccount);
    request.set_request_id(RequestId(id));
    return core_->lifecycle().Purge(Call(), request).status();
  }

  std::string Check() {
    const std::pair<const char*, size_t> kEvents[] = {
        {"AccessLost", 2}, {"AccessRestored", 1}, {"AccountPurged", 1}, {"ScopeDestroyed", 2}};
    for (const auto& [type, count] : kEvents) {
      const size_t published = Published(absl::StrCat("keyward.encryption.", type)).size();
      if (published != count) return absl::StrCat(type, " was published ", published, " times");
    }
    if (!key_vault_.VersionsOf(kAccount).empty()) return "still registered";
    if (Sql("SELECT COUNT(*) FROM account_work") != "0") return "work is left";
    if (Sql("SELECT purged FROM accounts") != "1") return "not purged";
    return "";
  }
};

int RunStory() {
  const std::string problem = Story(getenv(kUrlVariable), getenv(kUsagesVariable)).Run();
  if (!problem.empty()) std::cerr << problem << std::endl;
  return problem.empty() ? 0 : 1;
}

// Runs this program again, on these files, to be killed at the fault point.
int RunChild(const std::string& url, const std::string& usages, const std::string& fault_point) {
  setenv(kUrlVariable, url.c_str(), 1);
  setenv(kUsagesVariable, usages.c_str(), 1);
  setenv(storage::kFaultPointVariable, fault_point.c_str(), 1);
  const int status = system("/proc/$PPID/exe");
  unsetenv(kUrlVariable);
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(status);
}

// Returns whether the fault point was reached.
bool SurvivesKillAt(const std::string& fault_point) {
  SCOPED_TRACE(fault_point);
  const auto database = storage::testing::TemporaryDatabase::Sqlite();
  const std::string usages =
      absl::StrCat(::testing::TempDir(), "/usages-", absl::ToUnixNanos(absl::Now()));
  const int killed = RunChild(database->url(), usages, fault_point);
  EXPECT_TRUE(killed == 137 || killed == 0) << killed;
  EXPECT_EQ(RunChild(database->url(), usages, ""), 0);
  return killed == 137;
}

TEST(AccountCrashTest, ConvergesAfterAKillAroundEveryCommit) {
  int commits = 0;
  while (SurvivesKillAt(absl::StrCat("storage.before_commit:", commits + 1))) {
    SurvivesKillAt(absl::StrCat("storage.after_commit:", commits + 1));
    ++commits;
  }
  EXPECT_GE(commits, 15);
}

TEST(AccountCrashTest, ConvergesAfterAKillBetweenTheStepsOfAPurge) {
  EXPECT_TRUE(SurvivesKillAt("encryption.identity_deleted"));
  // Once for the version that it was put under, and once for the purge.
  EXPECT_TRUE(SurvivesKillAt("encryption.usage_released"));
}

}  // namespace
}  // namespace keyward::encryption::testing

int main(int argc, char** argv) {
  if (getenv(keyward::encryption::testing::kUrlVariable) != nullptr) {
    return keyward::encryption::testing::RunStory();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
