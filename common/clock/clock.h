#ifndef KEYWARD_COMMON_CLOCK_CLOCK_H_
#define KEYWARD_COMMON_CLOCK_CLOCK_H_

#include <atomic>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace keyward::clock {

// Where time comes from. Whatever compares two moments to decide something (leases, timeouts,
// back-off) uses MonotonicNow, which no one can set; Now is for what people and tokens read.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary moment. Never goes back and, as leases need it, goes on while the
  // machine is suspended.
  virtual absl::Duration MonotonicNow() const = 0;

  // Releases `mutex`, which the caller holds, until `condition` (guarded by it) holds or
  // MonotonicNow() reaches `deadline`; returns, with `mutex` held again, whether it holds.
  virtual bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                          absl::Duration deadline) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) = 0;

  // The same, until `timeout` from now.
  bool AwaitFor(absl::Mutex& mutex, const absl::Condition& condition, absl::Duration timeout) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return AwaitUntil(mutex, condition, MonotonicNow() + timeout);
  }
};

// The machine's clock. Lives for ever.
Clock& RealClock();

// A clock that moves only when told to. Waiters wake when it has passed their deadline.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'700'000'000));

  absl::Time Now() const override;
  absl::Duration MonotonicNow() const override;
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Duration deadline) const override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Moves both clocks on by `step`, which must not be negative.
  void Advance(absl::Duration step);

  // Sets the wall clock, as an administrator or NTP does; the monotonic one goes on as before.
  void SetWall(absl::Time now);

 private:
  std::atomic<int64_t> wall_nanos_;
  std::atomic<int64_t> monotonic_nanos_{0};
};

}  // namespace keyward::clock

#endif  // KEYWARD_COMMON_CLOCK_CLOCK_H_
