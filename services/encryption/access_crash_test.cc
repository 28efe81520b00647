// The service is killed at every commit, before and after it, and between the steps of what takes
// more than one: an account is created, put under a customer's key, loses it and gets it back. In
// the end everything has happened exactly once, and what was destroyed is destroyed.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr char kUrlVariable[] = "KEYWARD_CRASH_TEST_URL";
constexpr char kObjectVariable[] = "KEYWARD_CRASH_TEST_OBJECT";
constexpr char kCreateId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";
constexpr char kEnableId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f11";

// What one process does: all that has not been done yet. The peers are the same in every process,
// for they are made anew and do the same each time.
class Story final : public EncryptionFixture {
 public:
  Story(const std::string& url, std::string object_file)
      : EncryptionFixture(url), object_file_(std::move(object_file)) {}

  void TestBody() override {}

  // Returns what went wrong; empty if nothing did.
  std::string Run() {
    identities_.Create(Call(), Name("contoso"), kSubscription).IgnoreError();
    core_->background().RunHousekeeping();
    v1::CreateAccountRequest create;
    create.set_account_id("contoso");
    create.set_request_id(kCreateId);
    create.mutable_account()->set_subscription(kSubscription);
    create.mutable_account()->set_region("westeurope");
    create.mutable_account()->set_tier("S1");
    const auto created = core_->accounts().Create(Call(), create);
    // An account that housekeeping finished is there all the same.
    if (!created.ok() && ErrorReason(created.status()) != "ACCOUNT_EXISTS") {
      return created.status().ToString();
    }
    EnableAndGrant("contoso");
    const auto enabled = Enable("contoso", kKey, kEnableId);
    if (!enabled.ok()) return enabled.status().ToString();
    if (AccessOf("contoso").epoch() == 1 && ReadObject().empty()) {
      const auto object = Encrypt("contoso", "uploads", "doc", "text");
      if (!object.ok()) return object.status().ToString();
      std::ofstream(object_file_, std::ios::binary) << *object << std::flush;
    }
    key_vault_.SetEnabled(kKey, false);
    key_vault_.SetEnabled(kKey, true);
    clock_.Advance(absl::Minutes(1));
    core_->background().RunWork();
    core_->background().RunScrub();
    return Check();
  }

 private:
  std::string Check() {
    const v1::Access access = AccessOf("contoso");
    if (access.verdict() != v1::VERDICT_ACCESSIBLE || access.epoch() != 2) {
      return absl::StrCat("not restored: ", access.ShortDebugString());
    }
    for (const char* type :
         {"AccountCreated", "KeySourceChanged", "AccessLost", "AccessRestored"}) {
      const size_t count = Published(absl::StrCat("keyward.encryption.", type)).size();
      if (count != 1) return absl::StrCat(type, " was published ", count, " times");
    }
    const auto opened = Decrypt("contoso", "uploads", "doc", ReadObject());
    if (ErrorReason(opened.status()) != "SCOPE_DESTROYED") {
      return absl::StrCat("the upload: ", opened.status().ToString());
    }
    const auto fresh = Encrypt("contoso", "uploads", "doc", "text");
    return fresh.ok() ? "" : fresh.status().ToString();
  }

  std::string ReadObject() const {
    std::ifstream file(object_file_, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
  }

  const std::string object_file_;
};

int RunStory() {
  const std::string problem = Story(getenv(kUrlVariable), getenv(kObjectVariable)).Run();
  if (!problem.empty()) std::cerr << problem << std::endl;
  return problem.empty() ? 0 : 1;
}

// Runs this program again, on these files, to be killed at the fault point.
int RunChild(const std::string& url, const std::string& object, const std::string& fault_point) {
  setenv(kUrlVariable, url.c_str(), 1);
  setenv(kObjectVariable, object.c_str(), 1);
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
  const std::string object =
      absl::StrCat(::testing::TempDir(), "/object-", absl::ToUnixNanos(absl::Now()));
  const int killed = RunChild(database->url(), object, fault_point);
  EXPECT_TRUE(killed == 137 || killed == 0) << killed;
  EXPECT_EQ(RunChild(database->url(), object, ""), 0);
  EXPECT_EQ(RunChild(database->url(), object, ""), 0);
  return killed == 137;
}

TEST(AccessCrashTest, ConvergesAfterAKillAroundEveryCommit) {
  int commits = 0;
  while (SurvivesKillAt(absl::StrCat("storage.before_commit:", commits + 1))) {
    SurvivesKillAt(absl::StrCat("storage.after_commit:", commits + 1));
    ++commits;
  }
  EXPECT_GE(commits, 10);
}

TEST(AccessCrashTest, ConvergesAfterAKillBetweenTheStepsOfACall) {
  for (const char* point : {"encryption.account_reserved", "encryption.identity_registered",
                            "encryption.before_rekey"}) {
    EXPECT_TRUE(SurvivesKillAt(point));
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
