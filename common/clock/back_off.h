#ifndef KEYWARD_COMMON_CLOCK_BACK_OFF_H_
#define KEYWARD_COMMON_CLOCK_BACK_OFF_H_

#include "absl/time/time.h"

namespace keyward::clock {

// How long to wait before attempt `attempt` (from 0) after a failure: doubles from `minimum` to
// `maximum`, and is drawn from the upper half of that, so that many do not come back at once.
absl::Duration BackOff(int attempt, absl::Duration minimum, absl::Duration maximum);

}  // namespace keyward::clock

#endif  // KEYWARD_COMMON_CLOCK_BACK_OFF_H_
