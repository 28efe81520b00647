#include "common/clock/clock.h"

#include <thread>

#include "gtest/gtest.h"

namespace keyward::clock {
namespace {

TEST(RealClockTest, MonotonicTimeDoesNotGoBack) {
  const absl::Duration first = RealClock().MonotonicNow();
  EXPECT_GE(RealClock().MonotonicNow(), first);
}

TEST(RealClockTest, AwaitEndsAtTheDeadline) {
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  bool never = false;
  const absl::Duration start = RealClock().MonotonicNow();
  EXPECT_FALSE(RealClock().AwaitFor(mutex, absl::Condition(&never), absl::Milliseconds(5)));
  EXPECT_GE(RealClock().MonotonicNow() - start, absl::Milliseconds(5));
}

TEST(RealClockTest, AwaitEndsWhenTheConditionHolds) {
  absl::Mutex mutex;
  bool done = false;
  std::thread setter([&] {
    absl::MutexLock lock(&mutex);
    done = true;
  });
  {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(RealClock().AwaitUntil(mutex, absl::Condition(&done), absl::InfiniteDuration()));
  }
  setter.join();
}

TEST(FakeClockTest, AdvanceMovesBothClocksAndSetWallOne) {
  FakeClock clock(absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
  EXPECT_EQ(clock.MonotonicNow(), absl::Seconds(5));
  clock.SetWall(absl::FromUnixSeconds(1));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1));
  EXPECT_EQ(clock.MonotonicNow(), absl::Seconds(5));
}

TEST(FakeClockTest, WaitersWakeWhenTheirDeadlineIsReached) {
  FakeClock clock;
  const absl::Duration deadline = clock.MonotonicNow() + absl::Hours(1);
  absl::Mutex mutex;
  bool never = false;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_FALSE(clock.AwaitUntil(mutex, absl::Condition(&never), deadline));
  });
  clock.Advance(absl::Hours(1));
  waiter.join();
}

}  // namespace
}  // namespace keyward::clock
