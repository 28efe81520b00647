#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_RULES_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_RULES_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "services/key_vault/key_operations.h"

namespace keyward::key_vault {

// The rules of the vault that depend on values alone.

// All of a key version's state that decides what may be done with it.
struct KeyState {
  bool vault_deleted = false;
  bool key_deleted = false;
  bool enabled = true;
  KeyOperations operations;
  std::optional<absl::Time> not_before;
  std::optional<absl::Time> expire_time;
};

// Why an operation may not run, the weightiest first.
enum class Obstacle {
  kVaultDeleted,
  kKeyDeleted,
  kKeyDisabled,
  kOperationNotPermitted,
  kNotYetValid,
  kExpired,
};

// Everything that stands in the way of an operation at a moment, the weightiest first; empty if it
// may run. A disabled key blocks every operation. Outside not_before (included) to expire_time
// (excluded), what protects new data is refused (encrypt, wrapKey, sign), and what opens or checks
// old data is not (decrypt, unwrapKey, verify), as in Azure Key Vault.
std::vector<Obstacle> ObstaclesTo(KeyOperation operation, const KeyState& state, absl::Time now);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_RULES_H_
