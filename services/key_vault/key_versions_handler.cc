#include "services/key_vault/key_versions_handler.h"

#include <algorithm>
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
#include "services/key_vault/messages.h"
#include "services/key_vault/rotation_store.h"
#include "services/key_vault/usage_check.h"
#include "services/key_vault/version_attributes.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

// The key as it will be shown once its version, or all of them, are enabled or disabled.
absl::StatusOr<v1::Key> Show(storage::Transaction& tx, const KeyName& name) {
  KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, name));
  return ToMessage(found.vault, found.key, found.newest);
}

// KEY_IN_USE if anybody depends on the version and can use it now.
absl::Status CheckUnused(storage::Transaction& tx, const KeyVersionName& version) {
  UsageScope scope = UsageScope::Of(KeyReference{version.key(), version.id()});
  scope.enabled_only = true;
  KW_ASSIGN_OR_RETURN(const KeyUsages usages, FindUsages(tx, scope));
  return usages.count == 0 ? absl::OkStatus() : KeyInUse(version.ToString(), usages);
}

// Whether the version named exists, where one is named.
absl::Status CheckReference(storage::Transaction& tx, const KeyReference& reference) {
  if (reference.version.empty()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const KeyVersionName name,
                      KeyVersionName::FromId(reference.key, reference.version));
  return FindVersion(tx, name).status();
}

}  // namespace

absl::StatusOr<v1::KeyVersion> KeyVersionsHandler::Get(const server::CallContext&,
                                                       const v1::GetKeyVersionRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyVersionName name, ReadKeyVersionName("name", request.name()));
  v1::KeyVersion answer;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, name.key()));
    if (found.key.deleted()) return KeyNotFound(name.key());
    KW_ASSIGN_OR_RETURN(const KeyVersion version, FindVersion(tx, name));
    answer = ToMessage(version);
    return absl::OkStatus();
  }));
  return answer;
}

absl::StatusOr<v1::ListKeyVersionsResponse> KeyVersionsHandler::List(
    const server::CallContext&, const v1::ListKeyVersionsRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName key, ReadKeyName("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(const storage::Page page, storage::ParsePage(request));
  std::vector<KeyVersion> versions;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, key));
    if (found.key.deleted()) return KeyNotFound(key);
    KW_ASSIGN_OR_RETURN(versions,
                        KeyStore(tx).ListVersions(key, page.after_number(), page.limit()));
    return absl::OkStatus();
  }));
  v1::ListKeyVersionsResponse answer;
  answer.set_next_page_token(storage::CutPage(
      request, page, versions, [](const KeyVersion& version) { return version.number; }));
  for (const KeyVersion& version : versions) *answer.add_versions() = ToMessage(version);
  return answer;
}

absl::StatusOr<v1::UpdateKeyVersionResponse> KeyVersionsHandler::Update(
    const server::CallContext& call, const v1::UpdateKeyVersionRequest& request) {
  const v1::KeyVersion& given = request.key_version();
  KW_ASSIGN_OR_RETURN(const KeyVersionName name,
                      ReadKeyVersionName("key_version.name", given.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::UpdateKeyVersionResponse> {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, name.key()));
    KW_ASSIGN_OR_RETURN(KeyVersion version, FindVersion(tx, name));
    if (const std::string etag = ToEtag(version.revision);
        !given.etag().empty() && given.etag() != etag) {
      return KeyVersionEtagMismatch(name, etag);
    }
    const KeyOperations before = version.operations;
    const bool could_unwrap = before.Contains(KeyOperation::kUnwrapKey);
    FieldErrors errors;
    UpdateAttributes("key_version", given, request.update_mask(), found.key.type, version, errors);
    KW_RETURN_IF_ERROR(errors.ToStatus());
    if (could_unwrap && !version.operations.Contains(KeyOperation::kUnwrapKey) &&
        !request.acknowledge_in_use()) {
      KW_RETURN_IF_ERROR(CheckUnused(tx, name));
    }
    version.update_time = now;
    ++version.revision;
    KW_RETURN_IF_ERROR(KeyStore(tx).UpdateVersion(version));
    if (version.name == found.newest.name && version.expire_time != found.newest.expire_time) {
      KW_RETURN_IF_ERROR(RotationStore(tx).Reschedule(version));
    }
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, kKeyUpdated, ToEvent(found.key, version)));
    v1::UpdateKeyVersionResponse answer;
    *answer.mutable_key_version() = ToMessage(version);
    // One that takes nothing, but leaves no unwrapKey, may be one sent again to wait for the first.
    const auto& paths = request.update_mask().paths();
    const bool sets_operations = std::find(paths.begin(), paths.end(), "key_ops") != paths.end();
    const bool may_be_again =
        sets_operations && !version.operations.Contains(KeyOperation::kUnwrapKey);
    if (may_be_again || !version.operations.ContainsAll(before)) answer.mutable_delivery();
    return answer;
  };
  return changes_.Revoke<v1::UpdateKeyVersionResponse>(call, request, work);
}

absl::StatusOr<v1::DisableKeyResponse> KeyVersionsHandler::Disable(
    const server::CallContext& call, const v1::DisableKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyReference reference, ReadKeyReference("name", request.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time now) -> absl::StatusOr<v1::DisableKeyResponse> {
    KW_ASSIGN_OR_RETURN(KeyInVault found, FindLiveKey(tx, reference.key));
    KW_RETURN_IF_ERROR(CheckReference(tx, reference));
    v1::DisableKeyResponse answer;
    UsageScope taken = UsageScope::Of(reference);
    taken.enabled_only = true;
    KW_RETURN_IF_ERROR(
        CheckUsages(tx, taken, reference.ToString(), request, /*changes=*/true, answer));
    if (request.validate_only()) {
      const bool concerned =
          reference.version.empty() || reference.version == found.newest.name.id();
      found.newest.enabled = found.newest.enabled && !concerned;
      *answer.mutable_key() = ToMessage(found.vault, found.key, found.newest);
      return answer;
    }
    KW_RETURN_IF_ERROR(SetEnabled(tx, call, reference, found, false, now));
    KW_ASSIGN_OR_RETURN(*answer.mutable_key(), Show(tx, reference.key));
    answer.mutable_delivery();
    return answer;
  };
  if (request.validate_only()) return changes_.Preview<v1::DisableKeyResponse>(work);
  return changes_.Revoke<v1::DisableKeyResponse>(call, request, work);
}

absl::StatusOr<v1::Key> KeyVersionsHandler::Enable(const server::CallContext& call,
                                                   const v1::EnableKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyReference reference, ReadKeyReference("name", request.name()));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, reference.key));
    KW_RETURN_IF_ERROR(SetEnabled(tx, call, reference, found, true, now));
    return Show(tx, reference.key);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

absl::Status KeyVersionsHandler::SetEnabled(storage::Transaction& tx,
                                            const server::CallContext& call,
                                            const KeyReference& reference, const KeyInVault& found,
                                            bool enabled, absl::Time now) {
  KeyStore keys(tx);
  const char* const type = enabled ? kKeyEnabled : kKeyDisabled;
  if (reference.version.empty()) {
    KW_ASSIGN_OR_RETURN(const int64_t changed, keys.SetEnabled(reference.key, enabled, now));
    if (changed == 0) return absl::OkStatus();
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, type, ToEvent(found.key, enabled)));
  } else {
    KW_ASSIGN_OR_RETURN(const KeyVersionName name,
                        KeyVersionName::FromId(reference.key, reference.version));
    KW_ASSIGN_OR_RETURN(KeyVersion version, FindVersion(tx, name));
    if (version.enabled == enabled) return absl::OkStatus();
    version.enabled = enabled;
    version.update_time = now;
    ++version.revision;
    KW_RETURN_IF_ERROR(keys.UpdateVersion(version));
    KW_RETURN_IF_ERROR(publisher_.Publish(tx, call, type, ToEvent(found.key, version)));
  }
  if (!enabled) {
    // A version's name ends where "<key>/" goes on, so the key's name forgets all its versions.
    tx.OnCommit([this, key = reference.key.ToString()] { key_ring_.ForgetAllOf(key); });
  }
  return absl::OkStatus();
}

}  // namespace keyward::key_vault
