#ifndef KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEY_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/encryption/names.h"

namespace keyward::encryption {

// A scope key as it is kept: under the account key.
struct StoredScopeKey {
  // The numbers are stored.
  enum class State {
    kLive = 1,
    // Access was lost, and the account's grace runs: it opens again if access returns in time.
    kSealed = 2,
    // Overwritten; nothing opens it again.
    kDestroyed = 3,
  };

  std::string scope;
  // Counts from 1 within account and scope; the header of each object names it.
  int64_t generation = 0;
  // The account's access epoch when it was made.
  int64_t epoch = 0;
  State state = State::kLive;
  std::string wrapped;
  absl::Time create_time;
  // While sealed: when it will be destroyed. Then: when it was.
  std::optional<absl::Time> destroy_time;

  bool live() const { return state == State::kLive; }
  bool destroyed() const { return state == State::kDestroyed; }
};

// The SQL over scope keys. Errors are those of Transaction. Destroying and wrapping anew overwrite
// the old wrapping in its place; Database::Scrub, after the commit, sees to the journal.

absl::Status InsertScopeKey(storage::Transaction& tx, const AccountName& account,
                            const StoredScopeKey& key);

absl::StatusOr<std::optional<StoredScopeKey>> FindScopeKey(storage::Transaction& tx,
                                                           const AccountName& account,
                                                           const std::string& scope,
                                                           int64_t generation);

// The one with the highest generation, whatever its state.
absl::StatusOr<std::optional<StoredScopeKey>> NewestScopeKey(storage::Transaction& tx,
                                                             const AccountName& account,
                                                             const std::string& scope);

// All of an account that are not destroyed.
absl::StatusOr<std::vector<StoredScopeKey>> UndestroyedScopeKeys(storage::Transaction& tx,
                                                                 const AccountName& account);

absl::Status RewrapScopeKey(storage::Transaction& tx, const AccountName& account,
                            const StoredScopeKey& key, const std::string& wrapped);

// Destroys the keys of a scope made up to an epoch; returns how many were destroyed by this.
absl::StatusOr<int64_t> DestroyScopeKeys(storage::Transaction& tx, const AccountName& account,
                                         const std::string& scope, int64_t up_to_epoch,
                                         absl::Time now);

// Seals the live keys of a scope until `destroy_time`; brings the sealed ones back.
absl::Status SealScopeKeys(storage::Transaction& tx, const AccountName& account,
                           const std::string& scope, absl::Time destroy_time);
absl::StatusOr<int64_t> UnsealScopeKeys(storage::Transaction& tx, const AccountName& account,
                                        const std::string& scope);
// The same for the live and the sealed ones: whatever time they were sealed until, it is this.
absl::Status ResealScopeKeys(storage::Transaction& tx, const AccountName& account,
                             const std::string& scope, absl::Time destroy_time);

// Destroys the sealed keys whose time has come; returns how many.
absl::StatusOr<int64_t> DestroyDueScopeKeys(storage::Transaction& tx, const AccountName& account,
                                            const std::string& scope, absl::Time now);

// The accounts that have a sealed key whose time has come; at most `limit`.
absl::StatusOr<std::vector<AccountName>> AccountsToDestroy(storage::Transaction& tx, absl::Time now,
                                                           int limit);

// How many keys of a scope are destroyed, and when the last of them was.
struct DestroyedKeys {
  int64_t count = 0;
  std::optional<absl::Time> last;
};
absl::StatusOr<DestroyedKeys> CountDestroyedKeys(storage::Transaction& tx,
                                                 const AccountName& account,
                                                 const std::string& scope);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_SCOPE_KEY_STORE_H_
