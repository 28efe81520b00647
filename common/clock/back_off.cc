#include "common/clock/back_off.h"

#include <algorithm>
#include <random>

namespace keyward::clock {

absl::Duration BackOff(int attempt, absl::Duration minimum, absl::Duration maximum) {
  constexpr int kMaximumDoublings = 20;
  const absl::Duration limit =
      std::min(minimum * (int64_t{1} << std::clamp(attempt, 0, kMaximumDoublings)), maximum);
  thread_local std::minstd_rand random(std::random_device{}());
  return limit * std::uniform_real_distribution<double>(0.5, 1.0)(random);
}

}  // namespace keyward::clock
