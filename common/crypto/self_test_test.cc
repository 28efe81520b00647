#include "common/crypto/self_test.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace keyward::crypto {
namespace {

TEST(SelfTestTest, TheModuleIsInFipsModeAndHealthy) {
  EXPECT_EQ(RunSelfTest(), absl::OkStatus());
  EXPECT_TRUE(absl::StartsWith(ModuleVersion(), "BoringCrypto 20")) << ModuleVersion();
}

TEST(SelfTestTest, FailsOutsideFipsMode) {
  const absl::Status status = CheckSelfTest(
      {.in_fips_mode = [] { return false; }, .known_answers_hold = [] { return true; }});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(absl::StrContains(status.message(), "FIPS mode"));
}

TEST(SelfTestTest, FailsOnAWrongAnswer) {
  const absl::Status status = CheckSelfTest(
      {.in_fips_mode = [] { return true; }, .known_answers_hold = [] { return false; }});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(absl::StrContains(status.message(), "known-answer"));
}

TEST(SelfTestTest, HoldsWhenBothProbesDo) {
  EXPECT_EQ(CheckSelfTest(
                {.in_fips_mode = [] { return true; }, .known_answers_hold = [] { return true; }}),
            absl::OkStatus());
}

}  // namespace
}  // namespace keyward::crypto
