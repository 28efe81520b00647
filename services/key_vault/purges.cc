#include "services/key_vault/purges.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/status/status_macros.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

// Rows removed in one transaction: some milliseconds' work.
constexpr int kRows = 1000;

}  // namespace

absl::Status Purges::PurgeKey(storage::Transaction& tx, const server::CallContext& call,
                              const Key& key) {
  KW_RETURN_IF_ERROR(KeyStore(tx).Purge(key.name));
  tx.OnCommit([this, name = key.name.ToString()] { key_ring_.ForgetAllOf(name); });
  return publisher_.Publish(tx, call, kKeyPurged, ToEvent(key, /*enabled=*/false));
}

absl::Status Purges::Begin(storage::Transaction& tx, Vault& vault, absl::Time now) {
  vault.purging = true;
  // Due, so that Purger finds it.
  vault.purge_time = std::min(*vault.purge_time, now);
  return VaultStore(tx).Update(vault);
}

absl::StatusOr<bool> Purges::EmptyVault(storage::Transaction& tx, const VaultName& vault) {
  VaultStore vaults(tx);
  KW_ASSIGN_OR_RETURN(const std::optional<Vault> found, vaults.Find(vault));
  if (!found.has_value() || !found->purging) return true;
  return vaults.RemoveSome(vault, kRows);
}

absl::Status Purges::Finish(storage::Transaction& tx, const server::CallContext& call,
                            const Vault& vault) {
  KW_RETURN_IF_ERROR(VaultStore(tx).Purge(vault.name));
  tx.OnCommit([this, name = vault.name.ToString()] { key_ring_.ForgetAllOf(name); });
  return publisher_.Publish(tx, call, kVaultPurged, ToEvent(vault));
}

}  // namespace keyward::key_vault
