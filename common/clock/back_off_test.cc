#include "common/clock/back_off.h"

#include "gtest/gtest.h"

namespace keyward::clock {
namespace {

TEST(BackOffTest, DoublesFromTheMinimumToTheMaximumAndStaysInTheUpperHalf) {
  const absl::Duration limits[] = {absl::Milliseconds(10), absl::Milliseconds(20),
                                   absl::Milliseconds(40), absl::Milliseconds(70),
                                   absl::Milliseconds(70)};
  for (int attempt = 0; attempt < 5; ++attempt) {
    const absl::Duration delay = BackOff(attempt, absl::Milliseconds(10), absl::Milliseconds(70));
    EXPECT_GE(delay, limits[attempt] / 2) << attempt;
    EXPECT_LE(delay, limits[attempt]) << attempt;
  }
  EXPECT_LE(BackOff(1'000'000, absl::Seconds(1), absl::Seconds(2)), absl::Seconds(2));
}

}  // namespace
}  // namespace keyward::clock
