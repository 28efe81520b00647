// The vault is killed at each write: after each statement, before and after each commit, of every
// kind of change and of the background work. What it had answered is there afterwards, nothing is
// half done, the feed tells exactly what the tables hold, and it goes on from there to the same
// end.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/fault_point.h"
#include "services/key_vault/testing/crash_script.h"
#include "services/key_vault/testing/temporary_folder.h"

namespace keyward::key_vault {
namespace {

using testing::CrashScript;
using testing::CrashStateOf;
using testing::CrashTimeOf;
using testing::CrashVault;
using testing::HasPurgeToFinish;
using testing::TemporaryFolder;

constexpr char kChildFolderVariable[] = "KEYWARD_CRASH_TEST_FOLDER";
constexpr int kKilled = 137;
// Longer than another replica waits for one that has claimed a rotation.
constexpr absl::Duration kRestartTakes = absl::Minutes(10);

std::string Url(const std::string& folder) { return absl::StrCat("sqlite:", folder, "vault.db"); }
std::string RootKey(const std::string& folder) { return folder + "root.key"; }

absl::Status Make(CrashVault& vault, size_t step, absl::Duration late = absl::ZeroDuration()) {
  vault.env.clock.SetWall(CrashTimeOf(step) + late);
  return CrashScript()[step].run(vault);
}

// Makes one change after the other and says on stdout how many are answered, until it is killed.
[[noreturn]] void ChangeUntilKilled(const std::string& folder) {
  CrashVault vault(Url(folder), RootKey(folder));
  for (size_t step = 0; step < CrashScript().size(); ++step) {
    if (const absl::Status made = Make(vault, step); !made.ok()) {
      std::cerr << CrashScript()[step].name << ": " << made << "\n";
      exit(1);
    }
    printf("%zu\n", step + 1);
    fflush(stdout);
  }
  exit(0);
}

struct Killed {
  size_t answered = 0;
  int exit_code = 0;
};

// Runs this program again as the vault.
Killed RunVault(const std::string& folder, const std::string& point) {
  setenv(kChildFolderVariable, folder.c_str(), 1);
  setenv(storage::kFaultPointVariable, point.c_str(), 1);
  FILE* output = popen("/proc/$PPID/exe", "r");
  Killed killed;
  while (fscanf(output, "%zu", &killed.answered) == 1) {
  }
  killed.exit_code = WEXITSTATUS(pclose(output));
  unsetenv(kChildFolderVariable);
  unsetenv(storage::kFaultPointVariable);
  return killed;
}

class CrashTest : public ::testing::TestWithParam<const char*> {
 protected:
  // The states of a vault that is never killed, the empty one first.
  static const std::vector<std::string>& States() {
    static const std::vector<std::string>& states = *[] {
      auto* const made = new std::vector<std::string>;
      const TemporaryFolder folder(TemporaryFolder::Place::kMemory);
      CrashVault vault(Url(folder.File("")), RootKey(folder.File("")));
      made->push_back(CrashStateOf(vault));
      for (size_t step = 0; step < CrashScript().size(); ++step) {
        const absl::Status status = Make(vault, step);
        EXPECT_TRUE(status.ok()) << CrashScript()[step].name << ": " << status;
        made->push_back(CrashStateOf(vault));
        EXPECT_NE(made->back(), made->at(made->size() - 2)) << CrashScript()[step].name;
      }
      return made;
    }();
    return states;
  }

  // What is there after a kill, and that it goes on.
  static void CheckAfterwards(const std::string& folder, size_t answered) {
    CrashVault vault(Url(folder), RootKey(folder));
    if (HasPurgeToFinish(vault)) {
      vault.env.clock.SetWall(CrashTimeOf(answered) + kRestartTakes);
      ASSERT_TRUE(vault.purger.PurgeDue().ok());
    }
    const std::string found = CrashStateOf(vault);
    size_t done = answered;
    if (found != States()[done] && done < CrashScript().size()) ++done;
    ASSERT_EQ(found, States()[done]) << "after " << answered << " answers";
    for (size_t step = done; step < CrashScript().size(); ++step) {
      const absl::Status made = Make(vault, step, kRestartTakes);
      ASSERT_TRUE(made.ok()) << CrashScript()[step].name << ": " << made;
    }
    ASSERT_EQ(CrashStateOf(vault), States().back());
  }
};

TEST_P(CrashTest, NothingAnsweredIsLostAndNothingIsHalfDone) {
  // How often each step was killed; the last place is that of the end.
  std::vector<int> kills(CrashScript().size() + 1);
  for (int passage = 1;; ++passage) {
    const std::string point = absl::StrCat(GetParam(), ":", passage);
    SCOPED_TRACE(point);
    const TemporaryFolder folder(TemporaryFolder::Place::kMemory);
    const Killed killed = RunVault(folder.File(""), point);
    // There are no more passages.
    if (killed.exit_code == 0) break;
    ASSERT_EQ(killed.exit_code, kKilled);
    ++kills[killed.answered];
    CheckAfterwards(folder.File(""), killed.answered);
    if (HasFatalFailure()) return;
  }
  for (size_t step = 0; step < CrashScript().size(); ++step) {
    EXPECT_GT(kills[step], 0) << CrashScript()[step].name << " never writes";
    std::cout << GetParam() << ": " << CrashScript()[step].name << ", killed " << kills[step]
              << " times\n";
  }
}

INSTANTIATE_TEST_SUITE_P(FaultPoints, CrashTest,
                         ::testing::Values("storage.after_statement", "storage.before_commit",
                                           "storage.after_commit"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(name.find('.') + 1);
                         });

}  // namespace
}  // namespace keyward::key_vault

int main(int argc, char** argv) {
  if (const char* folder = getenv(keyward::key_vault::kChildFolderVariable)) {
    keyward::key_vault::ChangeUntilKilled(folder);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
