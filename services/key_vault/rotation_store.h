#ifndef KEYWARD_SERVICES_KEY_VAULT_ROTATION_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROTATION_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/key_vault/key.h"
#include "services/key_vault/names.h"
#include "services/key_vault/rotation_policy.h"

namespace keyward::key_vault {

// What the background has to do with a key and when, as computed from its policy and its newest
// version. A value.
struct KeySchedule {
  KeyName key;
  // The newest version when this was computed, and its expire_time.
  std::string version;
  std::optional<absl::Time> expire_time;
  // What was announced of that expire_time.
  Notice notified = Notice::kNone;
  // When the policy wants the next version; nothing: never.
  std::optional<absl::Time> rotate_time;
  // When to look at it: rotate_time, or later while a replica is at it, after a failure, or while
  // the key cannot be rotated.
  std::optional<absl::Time> rotate_due;
  std::optional<absl::Time> notice_due;
  // How often rotation failed since it last succeeded.
  int64_t failures = 0;
};

// Rotation policies and schedules in the database; both go when their key is purged. Lives within
// one transaction; errors are the transaction's.
class RotationStore {
 public:
  explicit RotationStore(storage::Transaction& tx) : tx_(tx) {}

  // The policy stored for a key, else the one that every key has.
  absl::StatusOr<RotationPolicy> FindPolicy(const KeyName& key);
  // The key must exist.
  absl::Status SetPolicy(const KeyName& key, const RotationPolicy& policy);

  // Computes the schedule of a key anew, after its policy, its newest version or the expire_time of
  // that has changed.
  absl::Status Reschedule(const KeyVersion& newest);

  // At most `limit` keys whose rotation, or next notice, was due at `now`, the oldest first.
  absl::StatusOr<std::vector<KeySchedule>> ListDueForRotation(absl::Time now, int limit);
  absl::StatusOr<std::vector<KeySchedule>> ListDueForNotice(absl::Time now, int limit);
  // The earliest moment at which either is due; nothing if none ever is.
  absl::StatusOr<std::optional<absl::Time>> NextDue();

  // Moves the due time of a rotation, or of a notice, on, with what was announced and the failures
  // as `schedule` has them, if it still is `schedule.rotate_due`, or `schedule.notice_due`: false
  // if someone else was faster.
  absl::StatusOr<bool> MoveRotation(const KeySchedule& schedule, std::optional<absl::Time> due);
  absl::StatusOr<bool> MoveNotice(const KeySchedule& schedule, std::optional<absl::Time> due);

 private:
  absl::StatusOr<std::optional<KeySchedule>> FindSchedule(const KeyName& key);

  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROTATION_STORE_H_
