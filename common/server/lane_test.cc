#include "common/server/lane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace keyward::server {
namespace {

// Calls that wait until they may end.
class Calls {
 public:
  void Start(Lane& lane, int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(lane.Start([this, &lane] {
        absl::MutexLock lock(&mutex_);
        most_ = std::max(most_, ++running_);
        mutex_.Await(absl::Condition(&may_end_));
        --running_;
        ++ended_;
        lane.Answered();
      }));
    }
  }
  void AwaitRunning(int count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ >= count; };
    mutex_.Await(absl::Condition(&reached));
  }
  int running() {
    absl::MutexLock lock(&mutex_);
    return running_;
  }
  int most() {
    absl::MutexLock lock(&mutex_);
    return most_;
  }
  void LetAllEnd(int count) {
    absl::MutexLock lock(&mutex_);
    may_end_ = true;
    const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ == count; };
    mutex_.Await(absl::Condition(&ended));
  }

 private:
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_ ABSL_GUARDED_BY(mutex_) = 0;
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
  bool may_end_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST(LanesTest, ALimitedServiceRunsSoManyCallsTogetherAndHoldsUpNoOther) {
  Calls computing, waiting;
  Lanes lanes(/*workers=*/8, /*queue=*/8);
  lanes.Limit("keyward.test.Computing", 2);
  computing.Start(lanes.Of("keyward.test.Computing/Call"), 6);
  computing.AwaitRunning(2);
  // The other one's start after the former's were queued, so those have had their chance.
  waiting.Start(lanes.Of("keyward.test.Waiting/Call"), 6);
  waiting.AwaitRunning(6);
  EXPECT_EQ(computing.running(), 2);
  waiting.LetAllEnd(6);
  computing.LetAllEnd(6);
}

TEST(LanesTest, ALimitGivesNoServiceMoreThanOthersHave) {
  Calls calls;
  Lanes lanes(/*workers=*/1, /*queue=*/8);
  lanes.Limit("keyward.test.Computing", 4);
  calls.Start(lanes.Of("keyward.test.Computing/Call"), 4);
  calls.AwaitRunning(1);
  calls.LetAllEnd(4);
  EXPECT_EQ(calls.most(), 1);
}

TEST(LanesTest, WhoComputesHasMoreWorkersThanCores) {
  EXPECT_GT(ComputingWorkers(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace keyward::server
