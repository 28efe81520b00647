#ifndef KEYWARD_COMMON_EVENTS_EVENT_PRUNER_H_
#define KEYWARD_COMMON_EVENTS_EVENT_PRUNER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "common/storage/transaction.h"

namespace keyward::events {

// Deletes old events of the own feed, always the oldest first and never the newest, so that a feed
// never has a gap; and forgets consumers that have been dead for long. What a live consumer has not
// acknowledged is kept, up to a bound. A consumer that comes for what is gone is told so
// (EVENTS_GONE), and stands still. Each act is in the audit log. Harmless on several replicas.
// Thread-safe.
class EventPruner {
 public:
  struct Options {
    // Younger events are kept; with InfiniteDuration() all are.
    absl::Duration retention = absl::InfiniteDuration();
    // Events that old go even if a live consumer has not acknowledged them. At least `retention`.
    absl::Duration bound = absl::InfiniteDuration();
    // A consumer whose last lease ended so long ago is dead: it keeps nothing, and is forgotten.
    absl::Duration death = absl::Hours(24 * 30);
  };

  // The database needs EventsSchema() and AuditSchema(). All must outlive this.
  EventPruner(storage::Database& database, const clock::Clock& clock, const Options& options)
      : database_(database), clock_(clock), options_(options), worker_(clock) {}

  // Prunes now and then every `interval`, in a thread of its own. Once only.
  void Start(absl::Duration interval = absl::Hours(1));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop() { worker_.Stop(); }

  // Deletes and forgets what is due now; returns how many events that were.
  absl::StatusOr<int64_t> PruneDue();

 private:
  absl::Status ForgetDead(storage::Transaction& tx, absl::Time now);
  absl::StatusOr<int64_t> PruneSome(storage::Transaction& tx, absl::Time now);

  storage::Database& database_;
  const clock::Clock& clock_;
  const Options options_;
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::events

#endif  // KEYWARD_COMMON_EVENTS_EVENT_PRUNER_H_
