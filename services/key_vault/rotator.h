#ifndef KEYWARD_SERVICES_KEY_VAULT_ROTATOR_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROTATOR_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/metrics.h"
#include "common/storage/database.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/new_version.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/rotation_store.h"

namespace keyward::key_vault {

// Rotates keys when their policies say so, and announces that they are about to expire and that
// they have. What is due is read from the database by its time; each act is claimed and recorded in
// the transaction that makes its event and its audit entry, so that it happens once, whatever the
// number of replicas and restarts. A rotation that fails is announced too, and tried again, later
// each time, for as long as it takes. A key that is disabled or deleted, or whose vault is, is left
// alone, for a new version would be enabled; it is looked at again every kBlockedPause.
// Thread-safe.
class Rotator {
 public:
  // How long a replica has for making a key before another one tries.
  static constexpr absl::Duration kClaim = absl::Minutes(5);
  static constexpr absl::Duration kBlockedPause = absl::Hours(6);
  // Between attempts after a failure.
  static constexpr absl::Duration kShortestBackOff = absl::Minutes(1);
  static constexpr absl::Duration kLongestBackOff = absl::Hours(6);

  Rotator(storage::Database& database, const clock::Clock& clock, Publisher& publisher,
          KeyRing& key_ring, server::Metrics& metrics);

  // Does what is due, now and from then on, in a thread of its own, looking at least every
  // `interval`. Once only.
  void Start(absl::Duration interval = absl::Minutes(1));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop() { worker_.Stop(); }

  // Does what is due now; returns how many rotations and notices that were. An error is one of the
  // database; what is left is done the next time.
  absl::StatusOr<int> RunDue();

 private:
  absl::Duration Run(absl::Duration interval);
  absl::StatusOr<int> SendNotices();
  absl::StatusOr<bool> SendNotice(storage::Transaction& tx, KeySchedule schedule, absl::Time now);
  absl::StatusOr<int> RotateSome();
  absl::StatusOr<bool> Rotate(KeySchedule schedule);
  absl::StatusOr<std::optional<KeyKind>> Claim(KeySchedule& schedule);
  absl::StatusOr<bool> Commit(const KeySchedule& schedule, const MadeKey& made);
  absl::Status RecordFailure(const KeySchedule& schedule, const absl::Status& cause);
  // To the microsecond, as it is stored.
  absl::Time Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())); }

  storage::Database& database_;
  const clock::Clock& clock_;
  Publisher& publisher_;
  KeyRing& key_ring_;
  prometheus::Counter& rotated_;
  prometheus::Counter& failed_;
  prometheus::Counter& near_expiry_;
  prometheus::Counter& expired_;
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROTATOR_H_
