#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_RING_FOLLOWER_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_RING_FOLLOWER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/key_vault/key_ring.h"

namespace keyward::key_vault {

// Takes private keys out of this replica's memory when another one disabled, deleted or purged
// them: it reads the events that all replicas publish into one database. Whether a key may be used
// does not depend on it, for that is asked of the database each time. Thread-safe.
class KeyRingFollower {
 public:
  KeyRingFollower(storage::Database& database, const clock::Clock& clock, KeyRing& key_ring)
      : database_(database), key_ring_(key_ring), worker_(clock) {}

  // Follows from now on, looking every `interval`, in a thread of its own. Once only.
  void Start(absl::Duration interval = absl::Seconds(1));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop() { worker_.Stop(); }

  // Forgets what was taken away since the last call; the first one begins with what comes after it.
  absl::Status CatchUp();

 private:
  storage::Database& database_;
  KeyRing& key_ring_;
  absl::Mutex catching_up_;
  std::optional<int64_t> sequence_ ABSL_GUARDED_BY(catching_up_);
  // What the last call forgot, to be forgotten once more: an operation that had read the key just
  // before may have put it back.
  std::vector<std::string> again_ ABSL_GUARDED_BY(catching_up_);
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_RING_FOLLOWER_H_
