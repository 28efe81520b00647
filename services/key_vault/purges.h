#ifndef KEYWARD_SERVICES_KEY_VAULT_PURGES_H_
#define KEYWARD_SERVICES_KEY_VAULT_PURGES_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// How deleted keys and vaults go for good, whoever asks: within the transaction that the caller has
// open, with their event, and out of this replica's memory when it commits. A key goes in one
// transaction, for its versions are few. A vault may hold any number of keys and goes in many
// transactions, between which others get their turn: Begin marks it, which cannot be undone,
// EmptyVault is called until nothing is left in it, Finish frees its name. Purger goes on with what
// somebody began and did not finish. Thread-safe.
class Purges {
 public:
  Purges(Publisher& publisher, KeyRing& key_ring) : publisher_(publisher), key_ring_(key_ring) {}

  absl::Status PurgeKey(storage::Transaction& tx, const server::CallContext& call, const Key& key);

  // The vault must be deleted.
  absl::Status Begin(storage::Transaction& tx, Vault& vault, absl::Time now);
  // Removes some of what is in a vault that is being purged; returns whether nothing is left, or
  // somebody else has finished: then a new vault may have its name, of which nothing is touched.
  static absl::StatusOr<bool> EmptyVault(storage::Transaction& tx, const VaultName& vault);
  absl::Status Finish(storage::Transaction& tx, const server::CallContext& call,
                      const Vault& vault);

  // That what was purged may still lie in the storage engine's journal: Purger sees to it, in its
  // next round.
  void ScrubLater() { scrub_due_ = true; }
  bool TakeScrubDue() { return scrub_due_.exchange(false); }

 private:
  Publisher& publisher_;
  KeyRing& key_ring_;
  // From the start: somebody may have purged something just before a crash.
  std::atomic<bool> scrub_due_ = true;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_PURGES_H_
