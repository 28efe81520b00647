// Access is taken away and given back, in five ways, while callers use keys at the same time: no
// call that began after a taking had returned succeeds, none between a giving and the next taking
// is refused, and, of what the vault itself decides, nobody reads the old once somebody has read
// the new. (Of the end of an identity each replica hears for itself, before the call that ended it
// returns.) Over mutual TLS, on SQLite with one server and on PostgreSQL with two replicas.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/testing/register_history.h"
#include "services/key_vault/testing/switched_access.h"

namespace keyward::key_vault {
namespace {

using storage::testing::TemporaryDatabase;
using testing::kEnabled;
using testing::kIdentity;
using testing::kKey;
using testing::kPolicy;
using testing::kSwitches;
using testing::kSwitchNames;
using testing::kTargets;
using testing::kVault;
using testing::RegisterCall;
using testing::RegisterHistory;
using testing::Switch;
using testing::SwitchedAccess;
using testing::Target;
using testing::Use;

// How long a test goes on, at least.
constexpr int kOperations = 2'000;
constexpr int kTakings = 20;
// What callers get done, at least, between a taking and the next giving; some of it sees the
// switch.
constexpr int kBetween = 8;

int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

class LinearizabilityTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      auto temporary = TemporaryDatabase::Postgresql();
      if (!temporary.ok()) GTEST_SKIP() << temporary.status().message();
      temporary_ = *std::move(temporary);
    }
    access_ = std::make_unique<SwitchedAccess>(temporary_.get());
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<SwitchedAccess> access_;
};

// What has been done so far, to wait for. Thread-safe.
class Progress {
 public:
  void NoteOperation() {
    absl::MutexLock lock(&mutex_);
    ++operations_;
  }
  void NoteSeen(Switch which, bool on) {
    absl::MutexLock lock(&mutex_);
    ++seen_[which][on];
  }
  // A taking that callers saw.
  void NoteTaking(Switch which) {
    absl::MutexLock lock(&mutex_);
    ++takings_[which];
  }
  bool Enough() {
    absl::MutexLock lock(&mutex_);
    return IsEnough();
  }
  // Returns once some operations more have been done and a switch was seen to be so, or enough of
  // all.
  void AwaitSeen(Switch which, bool on) {
    absl::MutexLock lock(&mutex_);
    const int until = operations_ + kBetween;
    const int seen = seen_[which][on];
    const auto done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return (operations_ >= until && seen_[which][on] > seen) || IsEnough();
    };
    mutex_.Await(absl::Condition(&done));
  }

 private:
  bool IsEnough() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ::testing::Test::HasFailure() ||
           (operations_ >= kOperations &&
            *std::min_element(takings_.begin(), takings_.end()) >= kTakings);
  }

  absl::Mutex mutex_;
  int operations_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<std::array<int, 2>, kSwitches> seen_ ABSL_GUARDED_BY(mutex_) = {};
  std::array<int, kSwitches> takings_ ABSL_GUARDED_BY(mutex_) = {};
};

// What a caller saw of each switch.
using Seen = std::array<std::vector<RegisterCall>, kSwitches>;

// Notes what an outcome tells of the switches: the checks come in a fixed order, so that a refusal
// by one tells that those before it let the call pass. False for one that tells nothing, which only
// an unavailable vault may give.
bool Note(const absl::Status& outcome, const Target& target, bool gets, RegisterCall call,
          Seen& seen, Progress& progress) {
  const auto note = [&](Switch which, bool on) {
    call.value = on;
    seen[which].push_back(call);
    progress.NoteSeen(which, on);
    return true;
  };
  const std::string reason = ErrorReason(outcome);
  if (absl::IsUnavailable(outcome)) return false;
  // The identity may vanish between the two looks at it.
  if (reason == "TOKEN_INVALID" || reason == "NOT_AUTHORIZED") return note(kIdentity, false);
  note(kIdentity, true);
  const bool policy_switches = target.own != kVault;
  if (reason == "FORBIDDEN_BY_POLICY" && policy_switches) return note(kPolicy, false);
  if (policy_switches) note(kPolicy, true);
  // A disabled key can be looked at.
  if (outcome.ok()) return target.own == kEnabled && gets ? true : note(target.own, true);
  const bool expected =
      (target.own == kEnabled && reason == "KEY_DISABLED") ||
      (target.own == kKey && reason == (gets ? "KEY_NOT_FOUND" : "KEY_DELETED")) ||
      (target.own == kVault && reason == "VAULT_DELETED");
  EXPECT_TRUE(expected) << target.key << ": " << outcome;
  return note(target.own, false);
}

TEST_P(LinearizabilityTest, WhatIsTakenIsGoneAndWhatIsGivenIsThere) {
  std::array<RegisterHistory, kSwitches> histories;
  Progress progress;
  std::vector<std::thread> threads;
  for (size_t number = 0; number < kSwitches; ++number) {
    threads.emplace_back([&, which = static_cast<Switch>(number)] {
      size_t turn = which;
      for (bool on = false; !progress.Enough() || on; on = !on) {
        // Given back at another replica than taken.
        const size_t replica = turn++ % access_->replicas();
        RegisterCall call{.invoked = Now(), .returned = 0, .value = on};
        absl::Status set = access_->Set(which, replica, on);
        while (absl::IsUnavailable(set)) set = access_->Set(which, replica, on);
        call.returned = Now();
        histories[which].writes.push_back(call);
        EXPECT_TRUE(set.ok()) << kSwitchNames[which] << ": " << set;
        if (!set.ok()) return;
        progress.AwaitSeen(which, on);
        if (!on) progress.NoteTaking(which);
      }
    });
  }
  std::array<Seen, 4> seen;
  for (size_t caller = 0; caller < seen.size(); ++caller) {
    threads.emplace_back([&, caller] {
      for (size_t i = caller; !progress.Enough(); ++i) {
        const size_t target = i / 3 % kTargets.size();
        const Use use = static_cast<Use>(i % 3);
        RegisterCall call{.invoked = Now(), .returned = 0, .value = false};
        const absl::Status outcome = access_->Call(use, caller % access_->replicas(), target);
        call.returned = Now();
        if (Note(outcome, kTargets[target], use == Use::kGet, call, seen[caller], progress)) {
          progress.NoteOperation();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t which = 0; which < kSwitches; ++which) {
    RegisterHistory& history = histories[which];
    for (const Seen& of_caller : seen) {
      history.reads.insert(history.reads.end(), of_caller[which].begin(), of_caller[which].end());
    }
    const auto refused = std::count_if(history.reads.begin(), history.reads.end(),
                                       [](const RegisterCall& read) { return !read.value; });
    EXPECT_GE(refused, kTakings) << kSwitchNames[which];
    EXPECT_GE(static_cast<long>(history.reads.size()) - refused, kTakings) << kSwitchNames[which];
    const auto impossible =
        history.FirstImpossibleRead(which == kIdentity ? RegisterHistory::Promise::kOnReturn
                                                       : RegisterHistory::Promise::kLinearizable);
    EXPECT_FALSE(impossible.has_value())
        << kSwitchNames[which] << " was read as " << (impossible->value ? "given" : "taken")
        << " from " << impossible->invoked << " to " << impossible->returned;
    RecordProperty(kSwitchNames[which], absl::StrCat(history.writes.size(), " writes, ",
                                                     history.reads.size(), " reads"));
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, LinearizabilityTest, ::testing::Bool(), [](const auto& info) {
  return info.param ? "TwoReplicasOnPostgresql" : "OneServerOnSqlite";
});

}  // namespace
}  // namespace keyward::key_vault
