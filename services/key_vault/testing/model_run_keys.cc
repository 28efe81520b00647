// ModelRun: calls about keys.

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

void PickOperations(Dice& dice, google::protobuf::RepeatedPtrField<std::string>* operations) {
  static const auto& kSets = *new std::vector<std::vector<std::string>>{
      {"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"},
      {"wrapKey", "unwrapKey"},
      {"sign", "verify"},
      {"unwrapKey", "decrypt", "verify"},
      {"wrapKey"},
      {"encrypt", "decrypt", "wrapKey", "unwrapKey"},
      {"unwrapKey", "decrypt"},
      {"verify"}};
  for (const std::string& name : dice.Pick(kSets)) *operations->Add() = name;
}

bool IsRsa(v1::KeyType type) {
  return type == v1::KEY_TYPE_RSA_2048 || type == v1::KEY_TYPE_RSA_3072 ||
         type == v1::KEY_TYPE_RSA_4096;
}

}  // namespace

std::string ModelRun::MakeKeyCall(const Step& step, const Caller& caller, Dice& dice) {
  const std::string name = KeyName(step);
  if (step.action == Action::kCreateKey) return CreateKey(step, caller, dice);
  if (step.action == Action::kGetKey) {
    v1::GetKeyRequest request;
    request.set_name(name);
    return Compare(caller, request);
  }
  if (step.action == Action::kListKeys) {
    v1::ListKeysRequest request;
    request.set_parent(VaultName(step));
    request.set_show_deleted(dice.OneIn(2));
    return Compare(caller, request);
  }
  if (step.action == Action::kDeleteKey) {
    v1::DeleteKeyRequest request;
    request.set_name(name);
    request.set_validate_only(dice.OneIn(4));
    request.set_async(dice.OneIn(4));
    return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
  }
  if (step.action == Action::kPurgeKey) {
    v1::PurgeKeyRequest request;
    request.set_name(name);
    request.set_validate_only(dice.OneIn(4));
    request.set_async(dice.OneIn(4));
    return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
  }
  v1::RecoverKeyRequest request;
  request.set_name(name);
  return CompareOnce(caller, request, dice);
}

std::string ModelRun::CreateKey(const Step& step, const Caller& caller, Dice& dice) {
  v1::CreateKeyRequest request;
  request.set_parent(VaultName(step));
  request.set_key_id(kKeys[static_cast<size_t>(step.key)]);
  constexpr std::array kTypes = {v1::KEY_TYPE_OCT_256, v1::KEY_TYPE_OCT_256, v1::KEY_TYPE_EC_P256,
                                 v1::KEY_TYPE_RSA_2048};
  v1::KeyType type = dice.Pick(kTypes);
  if (IsRsa(type) && FindKey(step) == nullptr) {
    if (rsa_keys_left_ <= 0) type = v1::KEY_TYPE_OCT_256;
    if (rsa_keys_left_ > 0) --rsa_keys_left_;
  }
  request.mutable_key()->set_key_type(type);
  if (dice.OneIn(4)) PickOperations(dice, request.mutable_version()->mutable_key_ops());
  if (dice.OneIn(3)) PickWindow(dice, *request.mutable_version());
  if (dice.OneIn(3)) (*request.mutable_version()->mutable_tags())["tag"] = "created";
  return CompareOnce(caller, request, dice);
}

std::string ModelRun::MakeVersionCall(const Step& step, const Caller& caller, Dice& dice) {
  if (step.action == Action::kGetKeyVersion) {
    v1::GetKeyVersionRequest request;
    request.set_name(VersionName(step, dice));
    return Compare(caller, request);
  }
  if (step.action == Action::kListKeyVersions) {
    v1::ListKeyVersionsRequest request;
    request.set_parent(KeyName(step));
    return Compare(caller, request);
  }
  if (step.action == Action::kRotateKey) {
    const VaultModel::Key* const key = FindKey(step);
    if (key != nullptr && IsRsa(key->type) && rsa_keys_left_-- <= 0) return "";
    v1::RotateKeyRequest request;
    request.set_name(KeyName(step));
    return CompareOnce(caller, request, dice);
  }
  if (step.action == Action::kUpdateKeyVersion) return UpdateVersion(step, caller, dice);
  if (step.action == Action::kDisableKey) {
    v1::DisableKeyRequest request;
    request.set_name(KeyOrVersionName(step, dice));
    request.set_validate_only(dice.OneIn(4));
    request.set_async(dice.OneIn(4));
    return request.validate_only() ? Compare(caller, request) : CompareOnce(caller, request, dice);
  }
  v1::EnableKeyRequest request;
  request.set_name(KeyOrVersionName(step, dice));
  return CompareOnce(caller, request, dice);
}

std::string ModelRun::UpdateVersion(const Step& step, const Caller& caller, Dice& dice) {
  v1::UpdateKeyVersionRequest request;
  v1::KeyVersion& version = *request.mutable_key_version();
  version.set_name(VersionName(step, dice));
  if (dice.OneIn(10)) version.set_etag(absl::StrCat(1 + dice.Roll(3)));
  request.set_async(dice.OneIn(4));
  const int what = dice.Roll(4);
  if (what == 0) {
    PickOperations(dice, version.mutable_key_ops());
    request.mutable_update_mask()->add_paths("key_ops");
  } else if (what == 1) {
    (*version.mutable_tags())["tag"] = absl::StrCat(dice.Roll(3));
    request.mutable_update_mask()->add_paths("tags");
  } else {
    PickWindow(dice, version);
    if (what == 2) request.mutable_update_mask()->add_paths("not_before");
    request.mutable_update_mask()->add_paths("expire_time");
  }
  return Compare(caller, request);
}

}  // namespace keyward::key_vault::testing
