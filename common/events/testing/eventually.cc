#include "common/events/testing/eventually.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace keyward::events::testing {

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > give_up) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

}  // namespace keyward::events::testing
