#include "services/key_vault/testing/model_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_compare.h"
#include "services/key_vault/testing/model_messages.h"
#include "services/key_vault/testing/model_world.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;
using Action = Step::Action;
using Kind = VaultModel::Caller::Kind;

}  // namespace

ModelRun::ModelRun(bool tracing)
    : tracing_(tracing),
      vault_({.url = absl::StrCat("sqlite:", folder_.File("vault.db")),
              .root_key_file = folder_.File("root.key")}),
      model_(vault_.env.clock) {
  const auto grant = [&](const char* principal, identity::v1::Role role, const char* scope) {
    vault_.identities.Grant(principal, role, scope);
    model_.AddRole({principal, scope, role == identity::v1::ROLE_READER});
  };
  grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
  grant(kVictor, identity::v1::ROLE_KEY_VAULT_ADMINISTRATOR, kRed);
  grant(kOscar, identity::v1::ROLE_READER, kSubscriptions[1]);
  for (int i : {0, 1}) {
    vault_.identities.SetSubscription(kSubscriptions[i], i == 0 ? kRed : kBlue);
    model_.SetSubscription(kSubscriptions[i], i == 0 ? kRed : kBlue);
  }
  for (const char* identity : kIdentities) {
    vault_.identities.SetPrincipal(identity, true, TenantOf(identity));
    model_.SetPrincipal(identity, TenantOf(identity), true);
  }
}

ModelRun::Caller ModelRun::CallerOf(int number, bool with_old_token) {
  const std::string id = kCallers[static_cast<size_t>(number)];
  Caller caller;
  caller.model.principal = id;
  caller.credentials.spiffe_id = IsIdentity(id) ? kEncryption : id;
  if (id == kEncryption) caller.model.kind = Kind::kService;
  if (!IsIdentity(id)) return caller;
  caller.model.kind = Kind::kIdentity;
  const absl::Time now = vault_.env.clock.Now();
  Token& token = tokens_[id];
  caller.model.token_issued = token.issued;
  // The expiry of tokens is not the vault's matter.
  const bool expires = token.text.empty() || now - token.issued > absl::Minutes(4);
  if (expires || (!with_old_token && !model_.TokenIsGood(caller.model))) {
    auth::TokenClaims claims = vault_.identities.Claims(id, "key_vault");
    claims.tenant = TenantOf(id);
    token = {vault_.identities.Sign(claims), now};
    caller.model.token_issued = now;
  }
  caller.credentials.authorization = "Bearer " + token.text;
  return caller;
}

std::string ModelRun::VaultName(const Step& step) {
  return absl::StrCat("vaults/", kVaults[static_cast<size_t>(step.vault)]);
}

std::string ModelRun::KeyName(const Step& step) {
  return absl::StrCat(VaultName(step), "/keys/", kKeys[static_cast<size_t>(step.key)]);
}

const VaultModel::Key* ModelRun::FindKey(const Step& step) const {
  const auto vault = model_.vaults().find(kVaults[static_cast<size_t>(step.vault)]);
  if (vault == model_.vaults().end()) return nullptr;
  const auto key = vault->second.keys.find(kKeys[static_cast<size_t>(step.key)]);
  return key == vault->second.keys.end() ? nullptr : &key->second;
}

std::string ModelRun::VersionName(const Step& step, Dice& dice) const {
  const VaultModel::Key* const key = FindKey(step);
  if (key == nullptr || dice.OneIn(20)) {
    return absl::StrCat(KeyName(step), "/versions/", std::string(32, 'f'));
  }
  return dice.OneIn(2) ? key->versions.back().name : dice.Pick(key->versions).name;
}

std::string ModelRun::KeyOrVersionName(const Step& step, Dice& dice) const {
  return dice.OneIn(2) ? KeyName(step) : VersionName(step, dice);
}

void ModelRun::PickWindow(Dice& dice, v1::KeyVersion& version) const {
  const absl::Time now = vault_.env.clock.Now();
  if (dice.OneIn(3)) {
    *version.mutable_not_before() = ModelTimestamp(now + absl::Hours(dice.Roll(100) - 50));
  }
  if (dice.OneIn(3)) {
    *version.mutable_expire_time() = ModelTimestamp(now + absl::Hours(dice.Roll(200) - 20));
  }
}

std::string ModelRun::Make(const Step& given) {
  vault_.env.clock.Advance(absl::Milliseconds(1));
  Dice dice(given.dice);
  const Step step = dice.OneIn(6) ? given : Steered(given, dice);
  last_call_ = absl::StrCat("step ", static_cast<int>(step.action));
  if (step.action == Action::kSendAgain) return send_again_ ? send_again_() : "";
  if (step.action > Action::kSendAgain) return ChangeTheWorld(step, dice);
  const Caller caller = CallerOf(step.caller, dice.OneIn(8));
  if (step.action <= Action::kPurgeVault) return MakeVaultCall(step, caller, dice);
  if (step.action >= Action::kInspectKey) return MakeCryptographyCall(step, caller, dice);
  if (step.action >= Action::kGetKeyVersion && step.action <= Action::kEnableKey) {
    return MakeVersionCall(step, caller, dice);
  }
  return MakeKeyCall(step, caller, dice);
}

std::string ModelRun::ChangeTheWorld(const Step& step, Dice& dice) {
  if (step.action == Action::kChangePrincipal) {
    const std::string id = dice.Pick(kIdentities);
    const bool active = !dice.OneIn(3);
    vault_.identities.SetPrincipal(id, active, TenantOf(id));
    model_.SetPrincipal(id, TenantOf(id), active);
    last_call_ = absl::StrCat(active ? "enable " : "disable ", id);
  } else if (step.action == Action::kMoveSubscription) {
    const char* const tenant = dice.OneIn(2) ? kRed : kBlue;
    vault_.identities.SetSubscription(kSubscriptions[0], tenant);
    model_.SetSubscription(kSubscriptions[0], tenant);
    last_call_ = absl::StrCat("move ", kSubscriptions[0], " to ", tenant);
  } else if (step.action == Action::kPassTime) {
    constexpr std::array kSteps = {absl::Minutes(1), absl::Hours(1), absl::Hours(10),
                                   absl::Hours(24 * 5)};
    absl::Duration passed = dice.Pick(kSteps);
    if (const auto next = model_.NextMoment(); next.has_value() && dice.OneIn(2)) {
      const absl::Duration away = *next - vault_.env.clock.Now();
      passed = std::max(absl::ZeroDuration(), away + absl::Milliseconds(dice.Roll(3) - 1));
    }
    vault_.env.clock.Advance(passed);
    last_call_ = absl::StrCat("pass ", absl::FormatDuration(passed));
  } else {
    const absl::StatusOr<int> purged = vault_.purger.PurgeDue();
    const int expected = model_.PurgeDue();
    last_call_ = absl::StrCat("purge what is due: ", expected);
    if (!purged.ok()) return std::string(purged.status().message());
    if (*purged != expected) return absl::StrCat("purged ", *purged, ", not ", expected);
  }
  return "";
}

}  // namespace keyward::key_vault::testing
