#ifndef KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_H_
#define KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/audit/audit_log.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "services/encryption/access_prober.h"
#include "services/encryption/access_restorer.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account_creator.h"
#include "services/encryption/account_lifecycle.h"
#include "services/encryption/key_cache.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/key_registrar.h"
#include "services/encryption/version_follower.h"
#include "services/encryption/work_store.h"

namespace keyward::encryption {

// What goes on without a caller: accounts are tried again when an event says that access may be
// back, taken over to newer versions of their key, registered in key_vault for the versions that
// they depend on, finished if their creation was cut short; keys in use are unwrapped anew before
// the cache forgets them, and those of every account once an hour (AccessProber); sealed uploads
// are destroyed when their grace ends, deleted accounts purged when their retention does; the
// journal is emptied of what was destroyed. Each Run… is one pass, for a worker or a test, and
// returns how long to wait at most for the next. Thread-safe.
class Background {
 public:
  // What it works with; all must outlive it.
  struct Parts {
    storage::Database& database;
    audit::AuditSink& audit;
    AccessRestorer& restorer;
    VersionFollower& version_follower;
    AccountCreator& creator;
    AccessTransitions& transitions;
    KeyRegistrar& registrar;
    AccountLifecycle& lifecycle;
    AccessProber& prober;
    KeyCache& cache;
    KeyGate& gate;
    const clock::Clock& clock;
  };

  explicit Background(const Parts& parts)
      : parts_(parts), refresher_(parts.clock), housekeeper_(parts.clock), prober_(parts.clock) {}

  // Begins: pending work in `work`'s thread, scrubbing in `scrubber`'s, the rest in own ones. Stop
  // them all before any of the parts goes.
  void Start(clock::BackgroundWorker& work, clock::BackgroundWorker& scrubber);
  void Stop();

  absl::Duration RunWork();
  absl::Duration RunRefresh();
  absl::Duration RunHousekeeping();
  absl::Duration RunScrub();
  absl::Duration RunProbes();

 private:
  absl::Status Do(const server::CallContext& call, const AccountWork& work);
  absl::Status Settle(const AccountWork& work, const absl::Status& outcome);
  void Record(const server::CallContext& call, const AccountWork& work,
              const absl::Status& outcome);
  absl::Status DestroyDue(const server::CallContext& call);

  const Parts parts_;
  clock::BackgroundWorker refresher_;
  clock::BackgroundWorker housekeeper_;
  clock::BackgroundWorker prober_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_BACKGROUND_H_
