// VaultModel: the management of keys.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_messages.h"
#include "services/key_vault/testing/outcome.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {

namespace v1 = keyvault::v1;

absl::StatusOr<v1::Key> VaultModel::Call(const Caller& caller, const v1::CreateKeyRequest& request,
                                         const v1::Key* answer) {
  if (Error no = MayUse(caller, request.parent(), "create"); !no.ok()) return no;
  const v1::KeyVersion& given = request.version();
  const v1::KeyType type = request.key().key_type();
  Version version = NewVersion(answer);
  version.operations = {given.key_ops().begin(), given.key_ops().end()};
  if (version.operations.empty()) version.operations = OperationsOfType(type);
  version.not_before = ModelTime(given.has_not_before(), given.not_before());
  version.expire_time = ModelTime(given.has_expire_time(), given.expire_time());
  version.tags = TagsFrom(given.tags());
  if (!CanDo(type, version.operations) || version.window_is_empty()) return InvalidRequest();
  return Once<v1::CreateKeyRequest, v1::Key>(caller, request, [&]() -> absl::StatusOr<v1::Key> {
    absl::StatusOr<Vault*> vault = FindLive(request.parent());
    if (!vault.ok()) return vault.status();
    for (const auto& [id, key] : (*vault)->keys) {
      if (absl::AsciiStrToLower(id) != absl::AsciiStrToLower(request.key_id())) continue;
      return Refusal(absl::StatusCode::kAlreadyExists,
                     key.delete_time ? "KEY_DELETED_BUT_RECOVERABLE" : "KEY_EXISTS");
    }
    Key& key = (*vault)->keys[request.key_id()];
    key.name = absl::StrCat(request.parent(), "/keys/", request.key_id());
    key.type = type;
    key.versions = {version};
    key.create_time = key.update_time = Now();
    return ShowKey(**vault, key);
  });
}

absl::StatusOr<v1::Key> VaultModel::Call(const Caller& caller, const v1::GetKeyRequest& request,
                                         const v1::Key*) {
  if (Error no = MayUse(caller, request.name(), "get"); !no.ok()) return no;
  const absl::StatusOr<Found> found = FindKey(request.name());
  if (!found.ok()) return found.status();
  if (found->key->delete_time) return Refusal(absl::StatusCode::kNotFound, "KEY_NOT_FOUND");
  return ShowKey(*found->vault, *found->key);
}

absl::StatusOr<v1::ListKeysResponse> VaultModel::Call(const Caller& caller,
                                                      const v1::ListKeysRequest& request,
                                                      const v1::ListKeysResponse*) {
  if (Error no = MayUse(caller, request.parent(), "list"); !no.ok()) return no;
  const absl::StatusOr<Vault*> vault = FindLive(request.parent());
  if (!vault.ok()) return vault.status();
  v1::ListKeysResponse answer;
  for (const auto& [id, key] : (*vault)->keys) {
    if (!key.delete_time || request.show_deleted()) *answer.add_keys() = ShowKey(**vault, key);
  }
  return answer;
}

absl::StatusOr<v1::DeleteKeyResponse> VaultModel::Call(const Caller& caller,
                                                       const v1::DeleteKeyRequest& request,
                                                       const v1::DeleteKeyResponse*) {
  if (Error no = MayUse(caller, request.name(), "delete"); !no.ok()) return no;
  auto answer = Once<v1::DeleteKeyRequest, v1::DeleteKeyResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::DeleteKeyResponse> {
        const absl::StatusOr<Found> found = FindKey(request.name());
        if (!found.ok()) return found.status();
        Key changed = *found->key;
        if (!changed.delete_time) {
          changed.delete_time = changed.update_time = Now();
          changed.purge_time = Now() + absl::Hours(24) * found->vault->retention_days;
        }
        v1::DeleteKeyResponse response;
        *response.mutable_key() = ShowKey(*found->vault, changed);
        if (request.validate_only()) return response;
        response.mutable_delivery();
        *found->key = changed;
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

absl::StatusOr<v1::Key> VaultModel::Call(const Caller& caller, const v1::RecoverKeyRequest& request,
                                         const v1::Key*) {
  if (Error no = MayUse(caller, request.name(), "recover"); !no.ok()) return no;
  return Once<v1::RecoverKeyRequest, v1::Key>(caller, request, [&]() -> absl::StatusOr<v1::Key> {
    const absl::StatusOr<Found> found = FindKey(request.name());
    if (!found.ok()) return found.status();
    if (found->key->delete_time) {
      found->key->delete_time = found->key->purge_time = std::nullopt;
      found->key->update_time = Now();
    }
    return ShowKey(*found->vault, *found->key);
  });
}

absl::StatusOr<v1::PurgeKeyResponse> VaultModel::Call(const Caller& caller,
                                                      const v1::PurgeKeyRequest& request,
                                                      const v1::PurgeKeyResponse*) {
  if (Error no = MayUse(caller, request.name(), "purge"); !no.ok()) return no;
  auto answer = Once<v1::PurgeKeyRequest, v1::PurgeKeyResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::PurgeKeyResponse> {
        const absl::StatusOr<Found> found = FindKey(request.name());
        if (!found.ok()) return found.status();
        if (!found->key->delete_time) return Unmet({"KEY_NOT_DELETED"});
        if (found->vault->purge_protection && Now() < *found->key->purge_time) {
          return Unmet({"PURGE_PROTECTED"});
        }
        v1::PurgeKeyResponse response;
        *response.mutable_key() = ShowKey(*found->vault, *found->key);
        if (request.validate_only()) return response;
        response.mutable_delivery();
        found->vault->keys.erase(request.name().substr(request.name().rfind('/') + 1));
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

}  // namespace keyward::key_vault::testing
