#include "services/key_vault/purger.h"

#include <string>
#include <vector>

#include "common/server/call_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "services/key_vault/background_call.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

// In one transaction, so that other writers are not held up for long.
constexpr int kBatch = 50;

}  // namespace

void Purger::Start(absl::Duration interval) {
  worker_.Start([this, interval] {
    Run();
    return interval;
  });
}

void Purger::Run() {
  const absl::StatusOr<int> purged = PurgeDue();
  if (!purged.ok()) {
    server::Log(server::Severity::kError, "purge.failed",
                {{"cause", std::string(purged.status().message())}});
  } else if (*purged > 0) {
    server::Log(server::Severity::kInfo, "purge.done", {{"purged", *purged}});
  }
}

absl::StatusOr<int> Purger::PurgeDue() {
  int all = 0;
  int purged = 0;
  do {
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(purged, PurgeSome(tx));
      return absl::OkStatus();
    }));
    all += purged;
  } while (purged > 0);
  if (all > 0) KW_RETURN_IF_ERROR(database_.Scrub());
  return all;
}

absl::StatusOr<int> Purger::PurgeSome(storage::Transaction& tx) {
  const absl::Time now = clock_.Now();
  KW_ASSIGN_OR_RETURN(const std::vector<Vault> vaults, VaultStore(tx).ListDueForPurge(now, kBatch));
  for (const Vault& vault : vaults) KW_RETURN_IF_ERROR(PurgeVault(tx, vault, now));
  KW_ASSIGN_OR_RETURN(const std::vector<Key> keys, KeyStore(tx).ListDueForPurge(now, kBatch));
  for (const Key& key : keys) KW_RETURN_IF_ERROR(PurgeKey(tx, key, now));
  return static_cast<int>(vaults.size() + keys.size());
}

absl::Status Purger::PurgeVault(storage::Transaction& tx, const Vault& vault, absl::Time now) {
  const server::CallContext call = BackgroundCall();
  const std::string name = vault.name.ToString();
  KW_RETURN_IF_ERROR(VaultStore(tx).Purge(vault.name));
  KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kVaultPurged, ToEvent(vault)));
  tx.OnCommit([this, name] { key_ring_.ForgetAllOf(name); });
  return AuditBackground(tx, call, "background/PurgeVault", name, now);
}

absl::Status Purger::PurgeKey(storage::Transaction& tx, const Key& key, absl::Time now) {
  const server::CallContext call = BackgroundCall();
  const std::string name = key.name.ToString();
  KW_RETURN_IF_ERROR(KeyStore(tx).Purge(key.name));
  KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kKeyPurged, ToEvent(key, /*enabled=*/false)));
  tx.OnCommit([this, name] { key_ring_.ForgetAllOf(name); });
  return AuditBackground(tx, call, "background/PurgeKey", name, now);
}

}  // namespace keyward::key_vault
