// The vault is killed at each write while a vault with keys is deleted and purged. Afterwards the
// vault is whole, or it goes for good: nothing comes back of what a purge had begun to remove.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/purger.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::VaultEnv;

constexpr char kUrlVariable[] = "KEYWARD_CRASH_TEST_URL";
constexpr char kRootKeyVariable[] = "KEYWARD_CRASH_TEST_ROOT_KEY";
constexpr char kVault[] = "vaults/contoso";
constexpr int kKeys = 3;
// Setting the subscription, creating the vault and its keys.
constexpr int kCommitsBefore = 2 + kKeys;

// Returns the exit code.
int Purge() {
  VaultEnv env({.url = getenv(kUrlVariable), .root_key_file = getenv(kRootKeyVariable)});
  env.CreateVault("contoso");
  for (int i = 0; i < kKeys; ++i) env.CreateKey("contoso", absl::StrCat("key-", i));
  v1::DeleteVaultRequest remove;
  remove.set_name(kVault);
  if (!env.vaults.Delete(VaultEnv::Call(), remove).ok()) return 1;
  v1::PurgeVaultRequest purge;
  purge.set_name(kVault);
  return env.purge.PurgeVault(VaultEnv::Call(), purge).ok() ? 0 : 1;
}

// Runs this program again as the vault; returns its exit code.
int RunVault(const std::string& url, const std::string& root_key, const std::string& point) {
  setenv(kUrlVariable, url.c_str(), 1);
  setenv(kRootKeyVariable, root_key.c_str(), 1);
  setenv(storage::kFaultPointVariable, point.c_str(), 1);
  const int status = system("/proc/$PPID/exe");
  unsetenv(kUrlVariable);
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(status);
}

// Whether the vault is there, after Recover if it can be, and then with every key.
bool IsThere(VaultEnv& env) {
  v1::RecoverVaultRequest recover;
  recover.set_name(kVault);
  const absl::Status recovered = env.vaults.Recover(VaultEnv::Call(), recover).status();
  if (ErrorReason(recovered) == "VAULT_BEING_PURGED") {
    Purger purger(*env.database, env.clock, env.purges);
    EXPECT_EQ(*purger.PurgeDue(), 1);
    return false;
  }
  if (ErrorReason(recovered) == "VAULT_NOT_FOUND") return false;
  EXPECT_TRUE(recovered.ok()) << recovered;
  v1::ListKeysRequest list;
  list.set_parent(kVault);
  EXPECT_EQ(env.keys.List(VaultEnv::Call(), list)->keys_size(), kKeys);
  return true;
}

// Returns the exit code of the vault that was to be killed.
int SurvivesKillAt(const std::string& point) {
  SCOPED_TRACE(point);
  const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
  testing::TemporaryFolder folder;
  const std::string root_key = folder.File("root.key");
  const int code = RunVault(temporary->url(), root_key, point);
  VaultEnv env({.url = temporary->url(), .root_key_file = root_key});
  const bool there = IsThere(env);
  const std::vector<std::string> events = env.EventNames();
  EXPECT_EQ(std::count(events.begin(), events.end(),
                       absl::StrCat("keyward.keyvault.VaultPurged ", kVault)),
            there ? 0 : 1);
  // What was answered stands.
  EXPECT_TRUE(code != 0 || !there);
  if (!there) env.CreateVault("Contoso");
  return code;
}

TEST(PurgeCrashTest, AVaultIsWholeOrGoesForGood) {
  int kills = 0;
  for (const char* when : {"storage.before_commit:", "storage.after_commit:"}) {
    for (int commit = kCommitsBefore + 1;; ++commit) {
      const int code = SurvivesKillAt(absl::StrCat(when, commit));
      if (code == 0) break;
      EXPECT_EQ(code, 137);
      ++kills;
    }
  }
  // The deletion, the mark, versions, keys, the last look, the vault: each before and after.
  EXPECT_GE(kills, 10);
}

TEST(PurgeCrashTest, APurgeThatWasCutShortIsFinished) {
  for (int step : {1, 2, 3}) {
    EXPECT_EQ(SurvivesKillAt(absl::StrCat("key_vault.vault_being_purged:", step)), 137);
  }
}

}  // namespace
}  // namespace keyward::key_vault

int main(int argc, char** argv) {
  if (getenv(keyward::key_vault::kUrlVariable) != nullptr) return keyward::key_vault::Purge();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
