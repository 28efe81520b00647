#include "common/clock/clock.h"

#include <time.h>

#include <algorithm>

namespace keyward::clock {
namespace {

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }

  // Not CLOCK_MONOTONIC: that one stands still while the machine is suspended, and a consumer that
  // wakes up would believe its lease still good long after the publisher has stopped waiting for
  // it.
  absl::Duration MonotonicNow() const override {
    timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }

  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Duration deadline) const override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    // Abseil waits on the wall clock; when that is set, a wait may end too early, so look again.
    while (true) {
      const absl::Duration rest = deadline - MonotonicNow();
      if (rest <= absl::ZeroDuration()) return condition.Eval();
      if (mutex.AwaitWithTimeout(condition, rest)) return true;
    }
  }
};

// How often waiters on a FakeClock look at it.
constexpr absl::Duration kFakeClockLook = absl::Milliseconds(1);

}  // namespace

Clock& RealClock() {
  static SystemClock& clock = *new SystemClock;
  return clock;
}

FakeClock::FakeClock(absl::Time start) : wall_nanos_(absl::ToUnixNanos(start)) {}

absl::Time FakeClock::Now() const { return absl::FromUnixNanos(wall_nanos_.load()); }

absl::Duration FakeClock::MonotonicNow() const {
  return absl::Nanoseconds(monotonic_nanos_.load());
}

bool FakeClock::AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                           absl::Duration deadline) const {
  while (MonotonicNow() < deadline) {
    if (mutex.AwaitWithTimeout(condition, kFakeClockLook)) return true;
  }
  return condition.Eval();
}

void FakeClock::Advance(absl::Duration step) {
  const int64_t nanos = absl::ToInt64Nanoseconds(std::max(step, absl::ZeroDuration()));
  wall_nanos_ += nanos;
  monotonic_nanos_ += nanos;
}

void FakeClock::SetWall(absl::Time now) { wall_nanos_ = absl::ToUnixNanos(now); }

}  // namespace keyward::clock
