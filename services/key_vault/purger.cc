#include "services/key_vault/purger.h"

#include <optional>
#include <string>
#include <vector>

#include "common/server/call_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "services/key_vault/background_call.h"
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
    KW_ASSIGN_OR_RETURN(const int vaults, PurgeVaults());
    KW_ASSIGN_OR_RETURN(const int keys, PurgeKeys());
    purged = vaults + keys;
    all += purged;
    if (purged > 0) purges_.ScrubLater();
  } while (purged > 0);
  if (purges_.TakeScrubDue()) {
    const absl::Status scrubbed = database_.Scrub();
    if (!scrubbed.ok()) purges_.ScrubLater();
    KW_RETURN_IF_ERROR(scrubbed);
  }
  return all;
}

absl::StatusOr<int> Purger::PurgeVaults() {
  std::vector<Vault> due;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(due, VaultStore(tx).ListDueForPurge(clock_.Now(), kBatch));
    return absl::OkStatus();
  }));
  int purged = 0;
  for (const Vault& vault : due) {
    KW_ASSIGN_OR_RETURN(const bool done, PurgeVault(vault.name));
    if (done) ++purged;
  }
  return purged;
}

absl::StatusOr<bool> Purger::PurgeVault(const VaultName& name) {
  bool there = false;
  // It may have been recovered, or purged by another replica.
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Vault> vault, VaultStore(tx).Find(name));
    const absl::Time now = clock_.Now();
    there = vault.has_value() && vault->purge_time.has_value() && *vault->purge_time <= now;
    return there && !vault->purging ? purges_.Begin(tx, *vault, now) : absl::OkStatus();
  }));
  for (bool empty = !there; !empty;) {
    KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(empty, Purges::EmptyVault(tx, name));
      return absl::OkStatus();
    }));
  }
  const server::CallContext call = BackgroundCall();
  bool purged = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<Vault> vault, VaultStore(tx).Find(name));
    purged = vault.has_value() && vault->purging;
    if (!purged) return absl::OkStatus();
    KW_RETURN_IF_ERROR(purges_.Finish(tx, call, *vault));
    return AuditBackground(tx, call, "background/PurgeVault", name.ToString(), clock_.Now());
  }));
  return purged;
}

absl::StatusOr<int> Purger::PurgeKeys() {
  int purged = 0;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    const absl::Time now = clock_.Now();
    KW_ASSIGN_OR_RETURN(const std::vector<Key> keys, KeyStore(tx).ListDueForPurge(now, kBatch));
    for (const Key& key : keys) {
      const server::CallContext call = BackgroundCall();
      KW_RETURN_IF_ERROR(purges_.PurgeKey(tx, call, key));
      KW_RETURN_IF_ERROR(
          AuditBackground(tx, call, "background/PurgeKey", key.name.ToString(), now));
    }
    purged = static_cast<int>(keys.size());
    return absl::OkStatus();
  }));
  return purged;
}

}  // namespace keyward::key_vault
