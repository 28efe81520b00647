#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_ROTATOR_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_ROTATOR_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/metrics.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/key_succession.h"

namespace keyward::managed_identity {

// Rotates token signing keys on schedule, and takes retired ones back when their last token has
// expired. What is due is read from the database by its time, and each act records itself there
// with its event and its audit entry, so that it happens once, whatever the number of replicas and
// restarts. Thread-safe.
class SigningKeyRotator {
 public:
  // A key signs for `period`; the next one takes over earlier if it is another issuer's, which a
  // change of configuration leads to.
  SigningKeyRotator(const Changes& changes, const KeySuccession& succession,
                    const clock::Clock& clock, server::Metrics& metrics, absl::Duration period);

  // Does what is due, now and from then on, in a thread of its own, looking at least every
  // `interval`. Once only.
  void Start(absl::Duration interval = absl::Minutes(1));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop() { worker_.Stop(); }

  // Does what is due now; returns how many acts that were. UNAVAILABLE and the like if the rest has
  // to wait for another time.
  absl::StatusOr<int> RunDue();

 private:
  absl::Duration Run(absl::Duration interval);
  absl::StatusOr<int> Withdraw();
  absl::StatusOr<int> NoteDelivery(const SigningKey& active);
  absl::StatusOr<int> Rotate(const KeySuccession::Pair& seen);

  const Changes& changes_;
  const KeySuccession& succession_;
  const clock::Clock& clock_;
  const absl::Duration period_;
  prometheus::Counter& rotated_;
  prometheus::Counter& failed_;
  prometheus::Gauge& active_since_;
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SIGNING_KEY_ROTATOR_H_
