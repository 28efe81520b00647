// The vault is killed at each step of its background work on rotation: afterwards each rotation and
// each notice has happened once, with its event and its audit entry, or happens then.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/server/metrics.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/rotator.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::VaultEnv;

constexpr char kChildUrlVariable[] = "KEYWARD_ROTATION_CRASH_TEST_URL";
constexpr char kRootKeyVariable[] = "KEYWARD_ROTATION_CRASH_TEST_ROOT_KEY";
constexpr char kKey[] = "vaults/contoso/keys/a";
constexpr absl::Duration kDue = absl::Hours(24 * 90);

// A key whose rotation and first notice are due after kDue. False if anything fails.
bool Prepare(VaultEnv& env) {
  env.CreateVault("contoso");
  const v1::Key key = env.CreateKey("contoso", "a");
  v1::UpdateKeyVersionRequest version;
  version.mutable_key_version()->set_name(key.newest_version().name());
  version.mutable_key_version()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(env.clock.Now() + kDue + absl::Hours(24) * 20));
  version.mutable_update_mask()->add_paths("expire_time");
  v1::UpdateKeyRotationPolicyRequest policy;
  policy.mutable_rotation_policy()->set_name(absl::StrCat(kKey, "/rotationPolicy"));
  policy.mutable_rotation_policy()->mutable_rotate()->set_time_after_create("P90D");
  policy.mutable_update_mask()->add_paths("rotate");
  return env.versions.Update(VaultEnv::Call(), version).ok() &&
         env.rotation_policies.Update(VaultEnv::Call(), policy).ok();
}

bool Work(VaultEnv& env) {
  server::Metrics metrics;
  Rotator rotator(*env.database, env.clock, env.publisher, env.key_ring, metrics);
  return rotator.RunDue().ok();
}

[[noreturn]] void WorkUntilKilled(const std::string& url) {
  VaultEnv env({.url = url, .root_key_file = getenv(kRootKeyVariable)});
  if (!Prepare(env)) exit(1);
  env.clock.Advance(kDue);
  exit(Work(env) ? 0 : 2);
}

// Runs this program again as the vault; returns how it ended.
int RunVault(const std::string& url, const std::string& root_key, const std::string& point) {
  setenv(kChildUrlVariable, url.c_str(), 1);
  setenv(kRootKeyVariable, root_key.c_str(), 1);
  setenv(storage::kFaultPointVariable, point.c_str(), 1);
  const int ended = system("/proc/$PPID/exe");
  unsetenv(kChildUrlVariable);
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(ended);
}

int Count(VaultEnv& env, const std::string& type) {
  int count = 0;
  for (const std::string& name : env.EventNames()) count += absl::StartsWith(name, type) ? 1 : 0;
  return count;
}

TEST(RotationCrashTest, EverythingHappensOnce) {
  // Five commits prepare; the notice, the look for more of them, the claim and the rotation follow.
  constexpr int kPreparations = 5;
  int killed = 0;
  for (const std::string& point :
       {std::string("rotation.claimed"), std::string("storage.before_commit"),
        std::string("storage.after_commit")}) {
    const int first = point == "rotation.claimed" ? 1 : kPreparations + 1;
    const int last = point == "rotation.claimed" ? 1 : kPreparations + 4;
    for (int passage = first; passage <= last; ++passage) {
      SCOPED_TRACE(absl::StrCat(point, ":", passage));
      const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
      testing::TemporaryFolder folder;
      const std::string root_key = folder.File("root.key");
      EXPECT_EQ(RunVault(temporary->url(), root_key, absl::StrCat(point, ":", passage)), 137);
      ++killed;

      VaultEnv env({.url = temporary->url(), .root_key_file = root_key});
      env.clock.Advance(kDue + Rotator::kClaim);
      EXPECT_TRUE(Work(env));
      EXPECT_TRUE(Work(env));
      v1::ListKeyVersionsRequest list;
      list.set_parent(kKey);
      EXPECT_EQ(env.versions.List(VaultEnv::Call(), list)->versions_size(), 2);
      EXPECT_EQ(Count(env, "Microsoft.KeyVault.KeyNewVersionCreated"), 2);
      EXPECT_EQ(Count(env, "Microsoft.KeyVault.KeyNearExpiry"), 1);
      EXPECT_EQ(Count(env, "keyward.keyvault.KeyRotationFailed"), 0);
      EXPECT_EQ(env.AuditEntries().size(), 2u);
    }
  }
  EXPECT_EQ(killed, 9);
}

}  // namespace
}  // namespace keyward::key_vault

int main(int argc, char** argv) {
  if (const char* url = getenv(keyward::key_vault::kChildUrlVariable)) {
    keyward::key_vault::WorkUntilKilled(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
