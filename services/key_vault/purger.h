#ifndef KEYWARD_SERVICES_KEY_VAULT_PURGER_H_
#define KEYWARD_SERVICES_KEY_VAULT_PURGER_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// Purges deleted vaults and keys once their retention has ended: for good, with an event and an
// audit entry in the same transaction, and scrubbed from the database's files. What is due is read
// from the database, so that neither a restart nor a second replica matters. Thread-safe.
class Purger {
 public:
  Purger(storage::Database& database, const clock::Clock& clock, Publisher& publisher,
         KeyRing& key_ring)
      : database_(database),
        clock_(clock),
        publisher_(publisher),
        key_ring_(key_ring),
        worker_(clock) {}

  // Purges what is due, now and then every `interval`, in a thread of its own. Once only.
  void Start(absl::Duration interval = absl::Minutes(1));
  // Returns when the thread has ended. Harmless if it never began.
  void Stop() { worker_.Stop(); }

  // Purges what is due now; returns how many vaults and keys that were.
  absl::StatusOr<int> PurgeDue();

 private:
  void Run();
  absl::StatusOr<int> PurgeSome(storage::Transaction& tx);
  absl::Status PurgeVault(storage::Transaction& tx, const Vault& vault, absl::Time now);
  absl::Status PurgeKey(storage::Transaction& tx, const Key& key, absl::Time now);

  storage::Database& database_;
  const clock::Clock& clock_;
  Publisher& publisher_;
  KeyRing& key_ring_;
  // Last, so that it stops first.
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_PURGER_H_
