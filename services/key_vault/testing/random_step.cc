#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/key_vault/testing/model_run.h"
#include "services/key_vault/testing/model_world.h"

namespace keyward::key_vault::testing {
namespace {

using Action = Step::Action;

constexpr std::pair<Action, int> kMixture[] = {
    {Action::kCreateVault, 30},
    {Action::kGetVault, 20},
    {Action::kListVaults, 10},
    {Action::kUpdateVault, 10},
    {Action::kUpdatePolicy, 60},
    {Action::kDeleteVault, 10},
    {Action::kRecoverVault, 40},
    {Action::kCreateKey, 80},
    {Action::kGetKey, 40},
    {Action::kListKeys, 20},
    {Action::kGetKeyVersion, 30},
    {Action::kListKeyVersions, 20},
    {Action::kRotateKey, 40},
    {Action::kUpdateKeyVersion, 80},
    {Action::kDisableKey, 40},
    {Action::kEnableKey, 80},
    {Action::kDeleteKey, 30},
    {Action::kRecoverKey, 60},
    {Action::kInspectKey, 20},
    {Action::kWrapKey, 90},
    {Action::kUnwrapKey, 110},
    {Action::kRewrapKey, 40},
    {Action::kEncrypt, 40},
    {Action::kDecrypt, 50},
    {Action::kSign, 40},
    {Action::kVerify, 50},
    {Action::kSendAgain, 15},
    {Action::kPurgeVault, 8},
    {Action::kPurgeKey, 12},
    {Action::kChangePrincipal, 15},
    {Action::kMoveSubscription, 3},
    {Action::kPassTime, 60},
    {Action::kPurgeDue, 20},
};

// By number, as in model_run.cc; the administrator calls most.
constexpr std::array<int, 9> kCallerWeights = {50, 4, 4, 4, 12, 6, 10, 4, 4};

template <typename Weights>
size_t Weighted(const Weights& weights, std::mt19937_64& random) {
  std::discrete_distribution<size_t> pick(weights.begin(), weights.end());
  return pick(random);
}

}  // namespace

Step RandomStep(std::mt19937_64& random) {
  static const std::vector<int>& weights = *[] {
    auto* const made = new std::vector<int>;
    for (const auto& [action, weight] : kMixture) made->push_back(weight);
    return made;
  }();
  Step step;
  step.action = kMixture[Weighted(weights, random)].first;
  step.caller = static_cast<int>(Weighted(kCallerWeights, random));
  // Most happens in few vaults and keys, so that much happens to each.
  step.vault = static_cast<int>(Weighted(std::array{10, 6, 6, 1}, random));
  step.key = static_cast<int>(Weighted(std::array{10, 8, 5, 1}, random));
  step.dice = static_cast<uint32_t>(random());
  // Only this service may inspect; the others try now and then.
  constexpr int kEncryption = 8;
  if (step.action == Action::kInspectKey && random() % 4 != 0) step.caller = kEncryption;
  return step;
}

namespace {

// The key permission that an action takes; empty for those about vaults.
std::string PermissionFor(Action action) {
  switch (action) {
    case Action::kCreateKey:
      return "create";
    case Action::kGetKey:
    case Action::kGetKeyVersion:
      return "get";
    case Action::kListKeys:
    case Action::kListKeyVersions:
      return "list";
    case Action::kRotateKey:
      return "rotate";
    case Action::kUpdateKeyVersion:
    case Action::kDisableKey:
    case Action::kEnableKey:
      return "update";
    case Action::kDeleteKey:
      return "delete";
    case Action::kRecoverKey:
      return "recover";
    case Action::kPurgeKey:
      return "purge";
    case Action::kWrapKey:
      return "wrapKey";
    case Action::kUnwrapKey:
    case Action::kRewrapKey:
      return "unwrapKey";
    case Action::kEncrypt:
      return "encrypt";
    case Action::kDecrypt:
      return "decrypt";
    case Action::kSign:
      return "sign";
    case Action::kVerify:
      return "verify";
    default:
      return "";
  }
}

enum class Wanted { kAbsent, kLive, kDeleted };

Wanted VaultFor(Action action) {
  if (action == Action::kCreateVault) return Wanted::kAbsent;
  const bool on_deleted = action == Action::kRecoverVault || action == Action::kPurgeVault;
  return on_deleted ? Wanted::kDeleted : Wanted::kLive;
}

Wanted KeyFor(Action action) {
  if (action == Action::kCreateKey) return Wanted::kAbsent;
  const bool on_deleted = action == Action::kRecoverKey || action == Action::kPurgeKey;
  return on_deleted ? Wanted::kDeleted : Wanted::kLive;
}

// The number of the first name from `start` on, round and round, in the wanted state in `all`.
template <typename All>
std::optional<int> FindIn(const All& all, const std::array<const char*, 4>& names, int start,
                          Wanted wanted) {
  for (size_t i = 0; i < names.size(); ++i) {
    const size_t number = (static_cast<size_t>(start) + i) % names.size();
    const auto found = all.find(names[number]);
    const Wanted state = found == all.end()          ? Wanted::kAbsent
                         : found->second.delete_time ? Wanted::kDeleted
                                                     : Wanted::kLive;
    if (state == wanted) return static_cast<int>(number);
  }
  return std::nullopt;
}

}  // namespace

Step ModelRun::Steered(Step step, Dice& dice) const {
  constexpr int kAdministrator = 0;
  if (step.action >= Action::kSendAgain || step.action == Action::kListVaults) return step;
  const auto vault = FindIn(model_.vaults(), kVaults, step.vault, VaultFor(step.action));
  if (!vault.has_value()) {
    if (VaultFor(step.action) != Wanted::kLive) return step;
    step.action = model_.vaults().empty() ? Action::kCreateVault : Action::kRecoverVault;
    step.caller = kAdministrator;
    return step;
  }
  step.vault = *vault;
  if (step.action < Action::kCreateKey) {
    if (dice.OneIn(2)) step.caller = kAdministrator;
    return step;
  }
  const VaultModel::Vault& in = model_.vaults().at(kVaults[static_cast<size_t>(*vault)]);
  if (const auto key = FindIn(in.keys, kKeys, step.key, KeyFor(step.action)); key.has_value()) {
    step.key = *key;
  } else if (KeyFor(step.action) == Wanted::kLive) {
    step.action = in.keys.empty() ? Action::kCreateKey : Action::kRecoverKey;
  }
  // A key that can do it, mostly.
  for (size_t i = 0; step.action > Action::kInspectKey && i < kKeys.size(); ++i) {
    const auto key = in.keys.find(kKeys[i]);
    if (key == in.keys.end() || key->second.delete_time || !dice.OneIn(2)) continue;
    const auto& operations = key->second.versions.back().operations;
    if (operations.count(PermissionFor(step.action)) != 0) step.key = static_cast<int>(i);
  }
  const auto may = [&](int caller) {
    const auto entry = in.policy.find(kCallers[static_cast<size_t>(caller)]);
    return entry != in.policy.end() && entry->second.count(PermissionFor(step.action)) != 0;
  };
  if (step.action == Action::kInspectKey || may(step.caller)) return step;
  if (may(kAdministrator) && !dice.OneIn(3)) step.caller = kAdministrator;
  return step;
}

}  // namespace keyward::key_vault::testing
