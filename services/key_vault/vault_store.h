#ifndef KEYWARD_SERVICES_KEY_VAULT_VAULT_STORE_H_
#define KEYWARD_SERVICES_KEY_VAULT_VAULT_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/transaction.h"
#include "services/key_vault/access_policy.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// Which vaults a list shows.
struct VaultFilter {
  Shown which = {};
  // As "subscriptions/{subscription}"; empty: of any.
  std::string subscription = {};
};

// Vaults and their access policies in the database, deleted ones included. Lives within one
// transaction; errors are the transaction's.
class VaultStore {
 public:
  explicit VaultStore(storage::Transaction& tx) : tx_(tx) {}

  // ALREADY_EXISTS if a vault has the name, whatever the case.
  absl::Status Insert(const Vault& vault);
  // Stores everything about a vault that can change. It must exist.
  absl::Status Update(const Vault& vault);
  // Removes the vault, its access policy, its keys and their versions for good.
  absl::Status Purge(const VaultName& name);
  // Removes at most `limit` of the usages, versions or keys in a vault that is to be purged;
  // returns whether there was nothing left to remove.
  absl::StatusOr<bool> RemoveSome(const VaultName& name, int limit);

  absl::StatusOr<std::optional<Vault>> Find(const VaultName& name);
  // The vault whose name is this one, whatever the case.
  absl::StatusOr<std::optional<Vault>> FindFolded(const VaultName& name);
  // At most `limit` vaults whose ids follow `after`, by id.
  absl::StatusOr<std::vector<Vault>> List(const std::string& after, int limit,
                                          const VaultFilter& filter);
  // The deleted vaults whose purge was due at `now`, at most `limit`.
  absl::StatusOr<std::vector<Vault>> ListDueForPurge(absl::Time now, int limit);

  absl::StatusOr<AccessPolicy> FindPolicy(const VaultName& name);
  // Gives each principal exactly these permissions; an entry without any is removed.
  absl::Status SetPolicyEntries(const VaultName& name, const AccessPolicy::Entries& entries);

 private:
  storage::Transaction& tx_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VAULT_STORE_H_
