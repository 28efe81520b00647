#include "services/key_vault/key_rules.h"

namespace keyward::key_vault {
namespace {

constexpr KeyOperations kProtectsNewData = {KeyOperation::kEncrypt, KeyOperation::kWrapKey,
                                            KeyOperation::kSign};

}  // namespace

std::vector<Obstacle> ObstaclesTo(KeyOperation operation, const KeyState& state, absl::Time now) {
  std::vector<Obstacle> obstacles;
  if (state.vault_deleted) obstacles.push_back(Obstacle::kVaultDeleted);
  if (state.key_deleted) obstacles.push_back(Obstacle::kKeyDeleted);
  if (!state.enabled) obstacles.push_back(Obstacle::kKeyDisabled);
  if (!state.operations.Contains(operation)) obstacles.push_back(Obstacle::kOperationNotPermitted);
  if (kProtectsNewData.Contains(operation)) {
    if (state.not_before.has_value() && now < *state.not_before) {
      obstacles.push_back(Obstacle::kNotYetValid);
    }
    if (state.expire_time.has_value() && now >= *state.expire_time) {
      obstacles.push_back(Obstacle::kExpired);
    }
  }
  return obstacles;
}

}  // namespace keyward::key_vault
