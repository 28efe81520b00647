// The service is killed at every commit and between the steps of registering and releasing, while
// an account is put under a customer's key, taken over to a newer version and put back. No account
// is ever under a version for which it is not registered, and in the end nothing is registered that
// is not used.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <iostream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kUrlVariable[] = "KEYWARD_CRASH_TEST_URL";
constexpr char kUsagesVariable[] = "KEYWARD_CRASH_TEST_USAGES";
constexpr char kAccount[] = "accounts/contoso";
constexpr char kEnableId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f11";

// What one process does: all that has not been done yet. The peers do the same in every process;
// what is registered at key_vault outlives them in a file.
class Story final : public EncryptionFixture {
 public:
  Story(const std::string& url, const std::string& usages_file) : EncryptionFixture(url) {
    key_vault_.KeepUsagesIn(usages_file);
  }

  void TestBody() override {}

  // Returns what went wrong; empty if nothing did.
  std::string Run() {
    if (!BoundIsRegistered()) return "under a version for which it is not registered";
    identities_.Create(Call(), Name("contoso"), kSubscription).IgnoreError();
    core_->background().RunHousekeeping();
    if (Sql("SELECT account FROM accounts").empty()) CreateAccount("contoso");
    EnableAndGrant("contoso");
    const auto enabled = Enable("contoso", kKey, kEnableId);
    if (!enabled.ok()) return enabled.status().ToString();
    const std::string newest = key_vault_.RotateKey(kKey);
    RunAllWork();
    if (SettingsOf("contoso").key_source() == v1::KEY_SOURCE_CUSTOMER_MANAGED) {
      if (SettingsOf("contoso").key_version_in_use() != newest) return "not taken over";
      if (key_vault_.VersionsOf(kAccount) != std::set<std::string>{newest}) {
        return "registered for more or less than the newest version";
      }
    }
    const auto reverted = Revert("contoso");
    if (!reverted.ok()) return reverted.status().ToString();
    RunAllWork();
    return key_vault_.VersionsOf(kAccount).empty() ? "" : "still registered";
  }

 private:
  bool BoundIsRegistered() {
    const std::string bound = Sql("SELECT key_version FROM accounts");
    return bound.empty() || key_vault_.VersionsOf(kAccount).count(bound) == 1;
  }

  void RunAllWork() {
    for (int i = 0; i < 4; ++i) {
      core_->background().RunWork();
      clock_.Advance(absl::Minutes(1));
    }
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

TEST(KeyRegistrarCrashTest, ConvergesAfterAKillAroundEveryCommit) {
  int commits = 0;
  while (SurvivesKillAt(absl::StrCat("storage.before_commit:", commits + 1))) {
    SurvivesKillAt(absl::StrCat("storage.after_commit:", commits + 1));
    ++commits;
  }
  EXPECT_GE(commits, 15);
}

TEST(KeyRegistrarCrashTest, ConvergesAfterAKillBetweenTheStepsOfARegistration) {
  for (const char* point : {"encryption.usage_noted", "encryption.usage_registered",
                            "encryption.usage_registered_anew", "encryption.usage_released"}) {
    // Once for the first version and once for the second.
    for (int passage : {1, 2}) {
      EXPECT_TRUE(SurvivesKillAt(absl::StrCat(point, ":", passage)));
    }
  }
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
