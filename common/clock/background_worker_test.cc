#include "common/clock/background_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace keyward::clock {
namespace {

class BackgroundWorkerTest : public ::testing::Test {
 protected:
  void AwaitRuns(int runs) {
    while (runs_ < runs) std::this_thread::yield();
  }

  FakeClock clock_;
  std::atomic<int> runs_ = 0;
  BackgroundWorker worker_{clock_};
};

TEST_F(BackgroundWorkerTest, RunsAtTheStartAndWhenItsPauseIsOver) {
  worker_.Start([this] {
    ++runs_;
    return absl::Minutes(1);
  });
  AwaitRuns(1);
  // However late the worker begins to wait, in the end its pause is over.
  while (runs_ < 3) {
    clock_.Advance(absl::Minutes(1));
    std::this_thread::yield();
  }
  worker_.Stop();
}

TEST_F(BackgroundWorkerTest, AWakeDuringARunLeadsToAnother) {
  std::atomic<bool> go_on = false;
  worker_.Start([&] {
    ++runs_;
    while (!go_on) std::this_thread::yield();
    return absl::InfiniteDuration();
  });
  AwaitRuns(1);
  worker_.Wake();
  go_on = true;
  AwaitRuns(2);
  worker_.Stop();
  EXPECT_EQ(runs_, 2);
}

TEST_F(BackgroundWorkerTest, StopEndsTheWaitAndTellsTheTask) {
  std::atomic<bool> seen = false;
  worker_.Start([&] {
    ++runs_;
    while (!worker_.stopping()) std::this_thread::yield();
    seen = true;
    return absl::InfiniteDuration();
  });
  AwaitRuns(1);
  worker_.Stop();
  EXPECT_TRUE(seen);
  EXPECT_EQ(runs_, 1);
}

TEST_F(BackgroundWorkerTest, StoppedBeforeItBeganIsHarmless) { worker_.Stop(); }

}  // namespace
}  // namespace keyward::clock
