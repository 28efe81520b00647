#include "services/key_vault/keys_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/new_version.h"
#include "services/key_vault/rotation_store.h"
#include "services/key_vault/usage_check.h"
#include "services/key_vault/version_attributes.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// A key about to be created, with its first version.
struct NewKey {
  KeyName name;
  v1::KeyType type;
  VersionAttributes attributes;
};

absl::StatusOr<NewKey> ReadNewKey(const v1::CreateKeyRequest& request) {
  FieldErrors errors;
  std::optional<VaultName> vault = errors.Take("parent", VaultName::Parse(request.parent()));
  std::optional<KeyName> name;
  if (vault.has_value()) {
    name = errors.Take("key_id", KeyName::FromId(*std::move(vault), request.key_id()));
  }
  const v1::KeyType type = request.key().key_type();
  VersionAttributes attributes;
  if (type == v1::KEY_TYPE_UNSPECIFIED) {
    errors.Add("key.key_type", "must be set, such as to KEY_TYPE_RSA_2048");
  } else {
    attributes = ReadVersionAttributes("version", request.version(), OperationsOf(type), errors);
  }
  KW_RETURN_IF_ERROR(errors.ToStatus());
  return NewKey{*std::move(name), type, std::move(attributes)};
}

}  // namespace

absl::StatusOr<v1::Key> KeysHandler::Create(const server::CallContext& call,
                                            const v1::CreateKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const NewKey created, ReadNewKey(request));
  KeyKind kind{.type = created.type};
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    const absl::StatusOr<Vault> vault = FindLiveVault(tx, created.name.vault());
    if (vault.ok()) kind.sku = vault->sku;
    // No key is made for nothing. With a request_id there may be a first answer, which comes
    // before.
    if (!request.request_id().empty()) return absl::OkStatus();
    KW_RETURN_IF_ERROR(vault.status());
    return CheckNameIsFree(tx, created.name);
  }));
  KW_ASSIGN_OR_RETURN(const MadeKey made, MakeKey(key_ring_, created.name, kind));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    KeyStore keys(tx);
    KW_ASSIGN_OR_RETURN(const Vault vault, FindLiveVault(tx, created.name.vault()));
    KW_RETURN_IF_ERROR(CheckNameIsFree(tx, created.name));
    const Key key{.name = created.name,
                  .type = created.type,
                  .newest_version = made.name.id(),
                  .create_time = now,
                  .update_time = now};
    const KeyVersion version = ToVersion(made, 1, created.attributes, now);
    KW_RETURN_IF_ERROR(keys.Insert(key));
    KW_RETURN_IF_ERROR(keys.InsertVersion(version, made.sealed_private_key));
    if (version.expire_time) KW_RETURN_IF_ERROR(RotationStore(tx).Reschedule(version));
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kKeyNewVersionCreated, ToEvent(key, version)));
    call.Note("key_version", version.name.ToString());
    return ToMessage(vault, key, version);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

absl::StatusOr<v1::Key> KeysHandler::Get(const server::CallContext&,
                                         const v1::GetKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  v1::Key answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, name));
    if (found.key.deleted()) return KeyNotFound(name);
    answer = ToMessage(found.vault, found.key, found.newest);
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<v1::ListKeysResponse> KeysHandler::List(const server::CallContext&,
                                                       const v1::ListKeysRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName vault_name, ReadVaultName("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  v1::ListKeysResponse answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    answer.Clear();
    KW_ASSIGN_OR_RETURN(const Vault vault, FindLiveVault(tx, vault_name));
    KW_ASSIGN_OR_RETURN(
        auto keys, KeyStore(tx).List(vault_name, page.after, page.limit(),
                                     Shown::Of(request.show_deleted(), request.only_deleted())));
    answer.set_next_page_token(
        storage::CutPage(request, page, keys, [](const auto& key) { return key.first.name.id(); }));
    for (const auto& [key, newest] : keys) *answer.add_keys() = ToMessage(vault, key, newest);
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<v1::Key> KeysHandler::Rotate(const server::CallContext& call,
                                            const v1::RotateKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  KeyKind kind;
  const absl::Status live = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, name));
    // No key is made for nothing.
    if (found.newest.public_only) return PublicKeyOnly(found.newest.name);
    kind = {.type = found.key.type, .sku = found.vault.sku};
    return absl::OkStatus();
  });
  std::optional<MadeKey> made;
  if (live.ok()) {
    KW_ASSIGN_OR_RETURN(made, MakeKey(key_ring_, name, kind));
  } else if (request.request_id().empty()) {
    // With a request_id there may be a first answer, whatever became of the key since.
    return live;
  }
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    KW_ASSIGN_OR_RETURN(KeyInVault found, FindLiveKey(tx, name));
    // The key may have been purged and made anew, of another type, while the new version was made.
    if (!made.has_value() || found.key.type != kind.type) return KeyNotFound(name);
    KW_RETURN_IF_ERROR(AddVersion(tx, publisher_, call, *made, now, found));
    return ToMessage(found.vault, found.key, found.newest);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

absl::StatusOr<v1::DeleteKeyResponse> KeysHandler::Delete(const server::CallContext& call,
                                                          const v1::DeleteKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::DeleteKeyResponse> {
    KW_ASSIGN_OR_RETURN(KeyInVault found, FindKey(tx, name));
    const bool changes = !found.key.deleted();
    if (changes) {
      found.key.delete_time = now;
      found.key.purge_time = now + found.vault.retention();
      found.key.update_time = now;
    }
    v1::DeleteKeyResponse answer;
    KW_RETURN_IF_ERROR(CheckUsages(tx, UsageScope::Of(KeyReference{name, ""}), name.ToString(),
                                   request, changes, answer));
    *answer.mutable_key() = ToMessage(found.vault, found.key, found.newest);
    if (request.validate_only()) return answer;
    answer.mutable_delivery();
    if (changes) {
      KW_RETURN_IF_ERROR(KeyStore(tx).Update(found.key));
      KW_RETURN_IF_ERROR(
          publisher_.Publish(tx, call, kKeyDeleted, ToEvent(found.key, found.newest.enabled)));
      tx.OnCommit([this, name] { key_ring_.ForgetAllOf(name.ToString()); });
    }
    return answer;
  };
  if (request.validate_only()) return changes_.Preview<v1::DeleteKeyResponse>(work);
  return changes_.Revoke<v1::DeleteKeyResponse>(call, request, work);
}

absl::StatusOr<v1::Key> KeysHandler::Recover(const server::CallContext& call,
                                             const v1::RecoverKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    KW_ASSIGN_OR_RETURN(KeyInVault found, FindKey(tx, name));
    if (found.key.deleted()) {
      found.key.delete_time = std::nullopt;
      found.key.purge_time = std::nullopt;
      found.key.update_time = now;
      KW_RETURN_IF_ERROR(KeyStore(tx).Update(found.key));
      KW_RETURN_IF_ERROR(
          publisher_.Publish(tx, call, kKeyRecovered, ToEvent(found.key, found.newest.enabled)));
    }
    return ToMessage(found.vault, found.key, found.newest);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

}  // namespace keyward::key_vault
