#include "services/key_vault/rotation_policy.h"

namespace keyward::key_vault {
namespace {

constexpr absl::Duration kShortestExpiry = absl::Hours(24 * 28);
constexpr absl::Duration kRotationMargin = absl::Hours(24 * 7);

}  // namespace

std::vector<std::pair<std::string, std::string>> BrokenBounds(const RotationPolicy& policy) {
  std::vector<std::pair<std::string, std::string>> broken;
  const auto& expiry = policy.expiry;
  if (expiry && !LastsAtLeast(*expiry, kShortestExpiry)) {
    broken.emplace_back("expiry_time", "must be at least 28 days (\"P28D\")");
  }
  if (const auto& after = policy.rotate_after_create) {
    if (!LastsAtLeast(*after, kRotationMargin)) {
      broken.emplace_back("rotate.time_after_create", "must be at least 7 days (\"P7D\")");
    }
    if (expiry && !OutlastsBy(*expiry, *after, kRotationMargin)) {
      broken.emplace_back("rotate.time_after_create",
                          "must end at least 7 days before expiry_time, from whichever day on both "
                          "are counted");
    }
  }
  if (const auto& before = policy.rotate_before_expiry) {
    if (!LastsAtLeast(*before, kRotationMargin)) {
      broken.emplace_back("rotate.time_before_expiry", "must be at least 7 days (\"P7D\")");
    }
    if (!expiry) {
      broken.emplace_back("rotate.time_before_expiry",
                          "needs expiry_time, without which new versions do not expire");
    } else if (!OutlastsBy(*expiry, *before, kRotationMargin)) {
      broken.emplace_back("rotate.time_before_expiry",
                          "must be at least 7 days shorter than expiry_time, from whichever day on "
                          "both are counted");
    }
  }
  if (expiry && !OutlastsBy(*expiry, policy.notify_before_expiry, absl::Seconds(1))) {
    broken.emplace_back("notify.time_before_expiry",
                        "must be shorter than expiry_time, or every version would be near its "
                        "expiry from the start (30 days if it is not set)");
  }
  return broken;
}

std::optional<absl::Time> ExpiryOfNewVersion(const RotationPolicy& policy, absl::Time now) {
  if (!policy.expiry) return std::nullopt;
  return policy.expiry->After(now);
}

std::optional<absl::Time> RotationTime(const RotationPolicy& policy, const KeyVersion& newest) {
  if (policy.rotate_after_create) return policy.rotate_after_create->After(newest.create_time);
  if (!policy.rotate_before_expiry) return std::nullopt;
  const std::optional<absl::Time> end =
      newest.expire_time ? newest.expire_time : ExpiryOfNewVersion(policy, newest.create_time);
  if (!end) return std::nullopt;
  return policy.rotate_before_expiry->Before(*end);
}

std::optional<absl::Time> NextNoticeTime(const RotationPolicy& policy, const KeyVersion& newest,
                                         Notice sent) {
  if (!newest.expire_time || sent == Notice::kExpired) return std::nullopt;
  if (sent == Notice::kNearExpiry) return newest.expire_time;
  return policy.notify_before_expiry.Before(*newest.expire_time);
}

}  // namespace keyward::key_vault
