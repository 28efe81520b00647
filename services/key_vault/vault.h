#ifndef KEYWARD_SERVICES_KEY_VAULT_VAULT_H_
#define KEYWARD_SERVICES_KEY_VAULT_VAULT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/encoding/tags_text.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// Which resources a list shows: those that live, those that are deleted.
struct Shown {
  static Shown Of(bool show_deleted, bool only_deleted) {
    return {!only_deleted, show_deleted || only_deleted};
  }

  bool live = true;
  bool deleted = false;
};

inline constexpr int kMinRetentionDays = 7;
inline constexpr int kMaxRetentionDays = 90;

// A vault without its access policy (access_policy.h). A value.
struct Vault {
  VaultName name;
  // As "subscriptions/{subscription}".
  std::string subscription;
  // As "tenants/{tenant}": the subscription's when the vault was created.
  std::string tenant;
  std::string region;
  int retention_days = kMaxRetentionDays;
  bool purge_protection = false;
  keyvault::v1::Sku sku = keyvault::v1::SKU_STANDARD;
  Tags tags = {};
  // Grows with each change of the vault or its access policy; its etag.
  int64_t revision = 1;
  absl::Time create_time = absl::UnixEpoch();
  absl::Time update_time = absl::UnixEpoch();
  // Both set while the vault is deleted.
  std::optional<absl::Time> delete_time = std::nullopt;
  std::optional<absl::Time> purge_time = std::nullopt;
  // A purge has begun: it is deleted, some of what was in it is gone, and it never comes back.
  bool purging = false;

  bool deleted() const { return delete_time.has_value(); }
  // How long the vault keeps what was deleted.
  absl::Duration retention() const { return absl::Hours(24) * retention_days; }
};

// How deleted keys of a vault can come back or go: Azure Key Vault's name for it, such as
// "CustomizedRecoverable+Purgeable".
std::string RecoveryLevel(const Vault& vault);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VAULT_H_
