#include "services/key_vault/vault.h"

#include "absl/strings/str_cat.h"

namespace keyward::key_vault {

std::string RecoveryLevel(const Vault& vault) {
  return absl::StrCat(
      vault.retention_days < kMaxRetentionDays ? "CustomizedRecoverable" : "Recoverable",
      vault.purge_protection ? "" : "+Purgeable");
}

}  // namespace keyward::key_vault
