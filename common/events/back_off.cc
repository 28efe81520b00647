#include "common/events/back_off.h"

#include <algorithm>

#include "absl/random/random.h"

namespace keyward::events {

absl::Duration BackOff(int attempt, absl::Duration minimum, absl::Duration maximum) {
  constexpr int kMaximumDoublings = 20;
  const absl::Duration limit =
      std::min(minimum * (int64_t{1} << std::clamp(attempt, 0, kMaximumDoublings)), maximum);
  thread_local absl::BitGen random;
  return limit * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace keyward::events
