#ifndef KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICY_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/key_vault/calendar_duration.h"
#include "services/key_vault/key.h"

namespace keyward::key_vault {

// When a key rotates by itself, when the versions that are made from now on expire, and when that
// is announced. As it stands here it is the policy that every key has before it is changed. A
// value.
struct RotationPolicy {
  std::optional<CalendarDuration> expiry = std::nullopt;
  // At most one of the two.
  std::optional<CalendarDuration> rotate_after_create = std::nullopt;
  std::optional<CalendarDuration> rotate_before_expiry = std::nullopt;
  CalendarDuration notify_before_expiry = CalendarDuration::Days(30);
  // Grows with each change; its etag. 0: it was never changed, and is not stored.
  int64_t revision = 0;
  absl::Time create_time = absl::UnixEpoch();
  absl::Time update_time = absl::UnixEpoch();
};

// The bounds that a policy does not keep, as Azure Key Vault has them: the field, as
// "rotate.time_after_create", and what it must be.
std::vector<std::pair<std::string, std::string>> BrokenBounds(const RotationPolicy& policy);

// When a version that is made at `now` expires; nothing if it does not.
std::optional<absl::Time> ExpiryOfNewVersion(const RotationPolicy& policy, absl::Time now);

// When a key with that newest version is to rotate; nothing if it is not.
std::optional<absl::Time> RotationTime(const RotationPolicy& policy, const KeyVersion& newest);

// What has been announced of one expire_time of a version. The numbers are stored.
enum class Notice { kNone = 0, kNearExpiry = 1, kExpired = 2 };

// When the announcement after `sent` is due; nothing if there is none to come.
std::optional<absl::Time> NextNoticeTime(const RotationPolicy& policy, const KeyVersion& newest,
                                         Notice sent);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICY_H_
