// ModelRun: calls about vaults and their access policies.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_compare.h"
#include "services/key_vault/testing/model_run.h"
#include "services/key_vault/testing/model_world.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;
using Action = Step::Action;

// Some principals with some permissions.
void PickEntries(Dice& dice, google::protobuf::RepeatedPtrField<v1::AccessPolicyEntry>* entries) {
  static const auto& kSets = *new std::vector<std::vector<std::string>>{
      {"all"},
      {"get", "wrapKey", "unwrapKey"},
      {"get"},
      {"wrapKey"},
      {"create", "list", "rotate", "update"},
      {"delete", "recover", "purge"},
      {"sign", "verify", "encrypt", "decrypt", "import"},
  };
  VaultModel::Names chosen;
  for (int i = 1 + dice.Roll(3); i > 0; --i) chosen.insert(dice.Pick(kCallers));
  chosen.erase(kEncryption);
  for (const std::string& principal : chosen) {
    v1::AccessPolicyEntry* entry = entries->Add();
    entry->set_principal(principal);
    for (const std::string& name : dice.Pick(kSets)) entry->add_key_permissions(name);
  }
}

}  // namespace

std::string ModelRun::MakeVaultCall(const Step& step, const Caller& caller, Dice& dice) {
  const std::string name = VaultName(step);
  const std::string etag = dice.OneIn(10) ? absl::StrCat(1 + dice.Roll(4)) : "";
  if (step.action == Action::kCreateVault) return CreateVault(step, caller, dice);
  if (step.action == Action::kUpdatePolicy) return UpdatePolicy(step, caller, dice);
  if (step.action == Action::kGetVault) {
    v1::GetVaultRequest request;
    request.set_name(name);
    return Compare(caller, request);
  }
  if (step.action == Action::kListVaults) {
    v1::ListVaultsRequest request;
    request.set_show_deleted(dice.OneIn(2));
    return Compare(caller, request);
  }
  if (step.action == Action::kUpdateVault) {
    v1::UpdateVaultRequest request;
    request.mutable_vault()->set_name(name);
    request.mutable_vault()->set_etag(etag);
    request.mutable_vault()->set_purge_protection(!dice.OneIn(4));
    (*request.mutable_vault()->mutable_tags())["tag"] = absl::StrCat(dice.Roll(3));
    if (!dice.OneIn(3)) request.mutable_update_mask()->add_paths("tags");
    if (dice.OneIn(4) || request.update_mask().paths().empty()) {
      request.mutable_update_mask()->add_paths("purge_protection");
    }
    return Compare(caller, request);
  }
  if (step.action == Action::kDeleteVault) {
    v1::DeleteVaultRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_validate_only(dice.OneIn(4));
    request.set_async(dice.OneIn(4));
    return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
  }
  if (step.action == Action::kPurgeVault) {
    v1::PurgeVaultRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_validate_only(dice.OneIn(4));
    request.set_async(dice.OneIn(4));
    return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
  }
  v1::RecoverVaultRequest request;
  request.set_name(name);
  return CompareOnce(caller, request, dice);
}

std::string ModelRun::CreateVault(const Step& step, const Caller& caller, Dice& dice) {
  v1::CreateVaultRequest request;
  request.set_vault_id(kVaults[static_cast<size_t>(step.vault)]);
  v1::Vault& vault = *request.mutable_vault();
  vault.set_subscription(kSubscriptions[static_cast<size_t>(
      dice.OneIn(20) ? 2 : (step.vault == 2 ? 1 : dice.Roll(5) == 0))]);
  vault.set_region("westeurope");
  constexpr std::array kDays = {7, 7, 7, 30, 0, 90, 6};
  vault.set_soft_delete_retention_days(dice.Pick(kDays));
  vault.set_purge_protection(dice.OneIn(3));
  PickEntries(dice, vault.mutable_access_policy());
  const bool listed = std::any_of(vault.access_policy().begin(), vault.access_policy().end(),
                                  [](const auto& entry) { return entry.principal() == kAlice; });
  if (!listed && !dice.OneIn(8)) {
    vault.add_access_policy()->set_principal(kAlice);
    vault.mutable_access_policy()->rbegin()->add_key_permissions("all");
  }
  return CompareOnce(caller, request, dice);
}

std::string ModelRun::UpdatePolicy(const Step& step, const Caller& caller, Dice& dice) {
  v1::UpdateAccessPolicyRequest request;
  request.set_vault(VaultName(step));
  constexpr std::array kKinds = {
      v1::UpdateAccessPolicyRequest::KIND_ADD,     v1::UpdateAccessPolicyRequest::KIND_ADD,
      v1::UpdateAccessPolicyRequest::KIND_ADD,     v1::UpdateAccessPolicyRequest::KIND_ADD,
      v1::UpdateAccessPolicyRequest::KIND_REMOVE,  v1::UpdateAccessPolicyRequest::KIND_REMOVE,
      v1::UpdateAccessPolicyRequest::KIND_REPLACE,
  };
  request.set_kind(dice.Pick(kKinds));
  PickEntries(dice, request.mutable_entries());
  if (dice.OneIn(2) && request.kind() == v1::UpdateAccessPolicyRequest::KIND_ADD) {
    // Or nothing would go on for long.
    request.clear_entries();
    request.add_entries()->set_principal(kAlice);
    request.mutable_entries(0)->add_key_permissions("all");
  }
  if (dice.OneIn(10)) request.set_etag(absl::StrCat(1 + dice.Roll(6)));
  request.set_validate_only(dice.OneIn(8));
  request.set_async(dice.OneIn(4));
  return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
}

}  // namespace keyward::key_vault::testing
