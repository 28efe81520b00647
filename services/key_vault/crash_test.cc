// The vault is killed at each write; what it had answered is there afterwards, nothing is half
// done, and the feed tells exactly what happened.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/storage/fault_point.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/testing/temporary_folder.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using testing::VaultEnv;

constexpr char kChildUrlVariable[] = "KEYWARD_CRASH_TEST_URL";
constexpr char kRootKeyVariable[] = "KEYWARD_CRASH_TEST_ROOT_KEY";

// Each key goes through these states, one change after the other.
enum State { kCreated, kDisabled, kEnabled, kDeleted, kStates };

std::string KeyId(int change) { return absl::StrCat("key-", change / kStates); }
std::string KeyName(int change) { return absl::StrCat("vaults/contoso/keys/", KeyId(change)); }

// Makes change number `change`, which counts from 0.
absl::Status Make(VaultEnv& env, int change) {
  const server::CallContext call = VaultEnv::Call();
  switch (change % kStates) {
    case kCreated: {
      v1::CreateKeyRequest request;
      request.set_parent("vaults/contoso");
      request.set_key_id(KeyId(change));
      request.mutable_key()->set_key_type(v1::KEY_TYPE_EC_P256);
      return env.keys.Create(call, request).status();
    }
    case kDisabled: {
      v1::DisableKeyRequest request;
      request.set_name(KeyName(change));
      return env.versions.Disable(call, request).status();
    }
    case kEnabled: {
      v1::EnableKeyRequest request;
      request.set_name(KeyName(change));
      return env.versions.Enable(call, request).status();
    }
    default: {
      v1::DeleteKeyRequest request;
      request.set_name(KeyName(change));
      return env.keys.Delete(call, request).status();
    }
  }
}

// The state of the keys, one letter each, after `changes` changes; and as it is.
std::string Expected(int changes) {
  std::string states;
  for (int done = changes; done > 0; done -= kStates) {
    states += done >= kStates ? 'D' : done == kDisabled + 1 ? 'd' : 'e';
  }
  return states;
}

std::string Found(VaultEnv& env) {
  v1::ListKeysRequest request;
  request.set_parent("vaults/contoso");
  request.set_show_deleted(true);
  request.set_page_size(1000);
  std::string states;
  const auto keys = env.keys.List(VaultEnv::Call(), request);
  for (const v1::Key& key : keys->keys()) {
    states += key.has_delete_time() ? 'D' : key.newest_version().enabled() ? 'e' : 'd';
  }
  return states;
}

// Makes one change after the other and says on stdout how many are answered, until it is killed.
[[noreturn]] void ChangeUntilKilled(const std::string& url) {
  VaultEnv env({.url = url, .root_key_file = getenv(kRootKeyVariable)});
  env.CreateVault("contoso");
  for (int change = 0;; ++change) {
    if (!Make(env, change).ok()) exit(1);
    printf("%d\n", change + 1);
    fflush(stdout);
  }
}

struct Killed {
  int answered = 0;
  int exit_code = 0;
};

// Runs this program again as the vault.
Killed RunVault(const std::string& url, const std::string& root_key, const std::string& point) {
  setenv(kChildUrlVariable, url.c_str(), 1);
  setenv(kRootKeyVariable, root_key.c_str(), 1);
  setenv(storage::kFaultPointVariable, point.c_str(), 1);
  FILE* output = popen("/proc/$PPID/exe", "r");
  Killed killed;
  while (fscanf(output, "%d", &killed.answered) == 1) {
  }
  killed.exit_code = WEXITSTATUS(pclose(output));
  unsetenv(kChildUrlVariable);
  unsetenv(storage::kFaultPointVariable);
  return killed;
}

TEST(CrashTest, NothingAnsweredIsLostAndNothingIsHalfDone) {
  for (const char* point : {"storage.before_commit", "storage.after_commit"}) {
    // The first two commits set the subscription and create the vault.
    for (int passage = 3; passage < 3 + 2 * kStates + 1; ++passage) {
      SCOPED_TRACE(absl::StrCat(point, ":", passage));
      const auto temporary = storage::testing::TemporaryDatabase::Sqlite();
      testing::TemporaryFolder folder;
      const std::string root_key = folder.File("root.key");
      const Killed killed = RunVault(temporary->url(), root_key, absl::StrCat(point, ":", passage));
      EXPECT_EQ(killed.exit_code, 137);
      EXPECT_EQ(killed.answered, passage - 3);

      VaultEnv env({.url = temporary->url(), .root_key_file = root_key});
      const std::string found = Found(env);
      // One event created the vault, then one a change.
      const int changes = static_cast<int>(env.Events().size()) - 1;
      EXPECT_GE(changes, killed.answered);
      EXPECT_LE(changes, killed.answered + 1);
      EXPECT_EQ(found, Expected(changes));
      // It goes on from there.
      EXPECT_TRUE(Make(env, changes).ok());
      EXPECT_EQ(Found(env), Expected(changes + 1));
    }
  }
}

}  // namespace
}  // namespace keyward::key_vault

int main(int argc, char** argv) {
  if (const char* url = getenv(keyward::key_vault::kChildUrlVariable)) {
    keyward::key_vault::ChangeUntilKilled(url);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
