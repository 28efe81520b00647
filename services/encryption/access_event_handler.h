#ifndef KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_HANDLER_H_
#define KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_HANDLER_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/events/event_handler.h"
#include "common/storage/transaction.h"
#include "services/encryption/access_event.h"
#include "services/encryption/access_transitions.h"
#include "services/encryption/account.h"
#include "services/encryption/account_writer.h"
#include "services/encryption/key_cache.h"
#include "services/encryption/replica.h"

namespace keyward::encryption {

// What this service does about the events of key_vault and managed_identity: keeps what they tell,
// and takes access from the accounts that an event takes it from (Judge), all in the transaction
// that stores the cursor. It is the only place, beside a refusal by key_vault itself, where access
// is lost. What may have come back is asked for as background work. Thread-safe.
class AccessEventHandler final : public events::EventHandler {
 public:
  // All must outlive this. `background` is woken when there is work.
  AccessEventHandler(Replica& replica, AccountWriter& writer, AccessTransitions& transitions,
                     KeyCache& cache, clock::BackgroundWorker& background,
                     const clock::Clock& clock)
      : replica_(replica),
        writer_(writer),
        transitions_(transitions),
        cache_(cache),
        background_(background),
        clock_(clock) {}

  absl::Status Apply(storage::Transaction& tx, const events::v1::Event& event) override;
  void Observe(const events::v1::Event& event) override;

 private:
  // Stores the facts of an event, and returns the accounts that it may concern.
  absl::StatusOr<std::vector<Account>> StoreFacts(storage::Transaction& tx,
                                                  const AccessEvent& event);
  absl::Status ApplyTo(storage::Transaction& tx, Account& account, const AccessEvent& event);
  // An account follows its subscription to another tenant; whether it also loses access is another
  // question.
  absl::Status FollowSubscription(storage::Transaction& tx, Account& account,
                                  const SubscriptionEvent& moved, const AccessEvent& event);

  Replica& replica_;
  AccountWriter& writer_;
  AccessTransitions& transitions_;
  KeyCache& cache_;
  clock::BackgroundWorker& background_;
  const clock::Clock& clock_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_ACCESS_EVENT_HANDLER_H_
