#include "services/key_vault/rotation_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace keyward::key_vault {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::optional<CalendarDuration> Of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return *CalendarDuration::Parse(text);
}

std::vector<std::string> BrokenFields(const std::string& expiry, const std::string& after_create,
                                      const std::string& before_expiry,
                                      const std::string& notify = "P1D") {
  RotationPolicy policy;
  policy.expiry = Of(expiry);
  policy.rotate_after_create = Of(after_create);
  policy.rotate_before_expiry = Of(before_expiry);
  policy.notify_before_expiry = *Of(notify);
  std::vector<std::string> fields;
  for (const auto& [field, description] : BrokenBounds(policy)) fields.push_back(field);
  return fields;
}

TEST(RotationPolicyTest, BoundsAreThoseOfAzure) {
  EXPECT_THAT(BrokenFields("", "", ""), IsEmpty());
  EXPECT_THAT(BrokenFields("P48M", "P18M", "", "P30D"), IsEmpty());
  EXPECT_THAT(BrokenFields("P2Y", "", "P30D"), IsEmpty());
  EXPECT_THAT(BrokenFields("P28D", "", ""), IsEmpty());
  EXPECT_THAT(BrokenFields("P27D", "", ""), ElementsAre("expiry_time"));
  EXPECT_THAT(BrokenFields("", "P7D", ""), IsEmpty());
  EXPECT_THAT(BrokenFields("", "P6D", ""), ElementsAre("rotate.time_after_create"));
  EXPECT_THAT(BrokenFields("", "PT167H", ""), ElementsAre("rotate.time_after_create"));
  EXPECT_THAT(BrokenFields("P90D", "P83D", ""), IsEmpty());
  EXPECT_THAT(BrokenFields("P90D", "P84D", ""), ElementsAre("rotate.time_after_create"));
  EXPECT_THAT(BrokenFields("", "", "P30D"), ElementsAre("rotate.time_before_expiry"));
  EXPECT_THAT(BrokenFields("P90D", "", "P7D"), IsEmpty());
  EXPECT_THAT(BrokenFields("P90D", "", "P6D"), ElementsAre("rotate.time_before_expiry"));
  EXPECT_THAT(BrokenFields("P90D", "", "P83D"), IsEmpty());
  EXPECT_THAT(BrokenFields("P90D", "", "P84D"), ElementsAre("rotate.time_before_expiry"));
  EXPECT_THAT(BrokenFields("P28D", "", "", "P28D"), ElementsAre("notify.time_before_expiry"));
  EXPECT_THAT(BrokenFields("P20D", "P19D", "", "P21D"),
              ElementsAre("expiry_time", "rotate.time_after_create", "notify.time_before_expiry"));
}

KeyVersion Version(std::optional<absl::Time> expire_time) {
  return KeyVersion{.name = *KeyVersionName::Parse("vaults/contoso/keys/a/versions/"
                                                   "0123456789abcdef0123456789abcdef"),
                    .expire_time = expire_time,
                    .public_key_pem = "",
                    .create_time = kNow};
}

TEST(RotationPolicyTest, RotatesAfterCreationOrBeforeExpiry) {
  RotationPolicy policy;
  EXPECT_EQ(RotationTime(policy, Version(kNow + 100 * kDay)), std::nullopt);
  policy.rotate_after_create = Of("P90D");
  EXPECT_EQ(RotationTime(policy, Version(std::nullopt)), kNow + 90 * kDay);
  EXPECT_EQ(RotationTime(policy, Version(kNow + 10 * kDay)), kNow + 90 * kDay);
  policy.rotate_after_create = std::nullopt;
  policy.rotate_before_expiry = Of("P30D");
  EXPECT_EQ(RotationTime(policy, Version(kNow + 100 * kDay)), kNow + 70 * kDay);
  EXPECT_EQ(RotationTime(policy, Version(std::nullopt)), std::nullopt);
  policy.expiry = Of("P60D");
  EXPECT_EQ(RotationTime(policy, Version(std::nullopt)), kNow + 30 * kDay);
  EXPECT_EQ(ExpiryOfNewVersion(policy, kNow), kNow + 60 * kDay);
}

TEST(RotationPolicyTest, NoticesFollowOneAnother) {
  const RotationPolicy policy;
  const KeyVersion version = Version(kNow + 100 * kDay);
  EXPECT_EQ(NextNoticeTime(policy, Version(std::nullopt), Notice::kNone), std::nullopt);
  EXPECT_EQ(NextNoticeTime(policy, version, Notice::kNone), kNow + 70 * kDay);
  EXPECT_EQ(NextNoticeTime(policy, version, Notice::kNearExpiry), kNow + 100 * kDay);
  EXPECT_EQ(NextNoticeTime(policy, version, Notice::kExpired), std::nullopt);
}

}  // namespace
}  // namespace keyward::key_vault
