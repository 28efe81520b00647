#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/key_vault/testing/crash_script.h"
#include "services/key_vault/testing/vault_state.h"

namespace keyward::key_vault::testing {
namespace {

// What is kept beside vaults and keys.
std::string RestText(CrashVault& vault) {
  std::string text;
  vault.env.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const auto usages, tx.QueryOne("SELECT COUNT(*) FROM key_usages"));
    KW_ASSIGN_OR_RETURN(const auto epochs,
                        tx.QueryOne("SELECT COUNT(*), COALESCE(SUM(epoch), 0) FROM key_backups"));
    text = absl::StrCat("usages: ", usages->GetInt64(0), "\nbackups: ", epochs->GetInt64(0),
                        ", revoked: ", epochs->GetInt64(1), "\n");
    return absl::OkStatus();
  });
  return text;
}

absl::StatusOr<VaultState> Stored(CrashVault& vault) {
  absl::StatusOr<VaultState> stored;
  vault.env.Read([&](storage::Transaction& tx) -> absl::Status {
    stored = VaultState::FromTables(tx);
    return stored.status();
  });
  return stored;
}

}  // namespace

bool HasPurgeToFinish(CrashVault& vault) { return !Stored(vault)->being_purged.empty(); }

std::string CrashStateOf(CrashVault& vault) {
  const std::vector<events::v1::Event> events = vault.env.Events();
  const absl::StatusOr<VaultState> stored = Stored(vault);
  const VaultState told = VaultState::FromFeed(events);
  if (!(told == *stored)) {
    std::cerr << "the tables hold\n" << stored->Text() << "the feed tells\n" << told.Text();
    std::abort();
  }
  std::string text = absl::StrCat(stored->Text(), RestText(vault));
  for (const events::v1::Event& event : events) absl::StrAppend(&text, event.type(), "\n");
  for (const auto& entry : vault.env.AuditEntries()) {
    absl::StrAppend(&text, "audit: ", entry.operation(), " ", entry.result(), "\n");
  }
  return text;
}

}  // namespace keyward::key_vault::testing
