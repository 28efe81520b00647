// VaultModel: the versions of keys.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/key_vault/testing/model_messages.h"
#include "services/key_vault/testing/outcome.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

absl::Status NoSuchVersion() {
  return Refusal(absl::StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND");
}

}  // namespace

VaultModel::Version VaultModel::NewVersion(const v1::Key* answer) const {
  Version version;
  version.name = answer == nullptr ? "" : answer->newest_version().name();
  version.public_key_pem = answer == nullptr ? "" : answer->newest_version().public_key_pem();
  version.create_time = version.update_time = Now();
  return version;
}

absl::StatusOr<v1::KeyVersion> VaultModel::Call(const Caller& caller,
                                                const v1::GetKeyVersionRequest& request,
                                                const v1::KeyVersion*) {
  if (Error no = MayUse(caller, request.name(), "get"); !no.ok()) return no;
  const absl::StatusOr<Found> found = FindKey(request.name());
  if (!found.ok()) return found.status();
  if (found->key->delete_time) return Refusal(absl::StatusCode::kNotFound, "KEY_NOT_FOUND");
  const Version* const version = VersionOf(*found->key, request.name());
  if (version == nullptr) return NoSuchVersion();
  return ShowVersion(*version);
}

absl::StatusOr<v1::ListKeyVersionsResponse> VaultModel::Call(
    const Caller& caller, const v1::ListKeyVersionsRequest& request,
    const v1::ListKeyVersionsResponse*) {
  if (Error no = MayUse(caller, request.parent(), "list"); !no.ok()) return no;
  const absl::StatusOr<Found> found = FindKey(request.parent());
  if (!found.ok()) return found.status();
  if (found->key->delete_time) return Refusal(absl::StatusCode::kNotFound, "KEY_NOT_FOUND");
  v1::ListKeyVersionsResponse answer;
  const std::vector<Version>& versions = found->key->versions;
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    *answer.add_versions() = ShowVersion(*version);
  }
  return answer;
}

absl::StatusOr<v1::Key> VaultModel::Call(const Caller& caller, const v1::RotateKeyRequest& request,
                                         const v1::Key* answer) {
  if (Error no = MayUse(caller, request.name(), "rotate"); !no.ok()) return no;
  return Once<v1::RotateKeyRequest, v1::Key>(caller, request, [&]() -> absl::StatusOr<v1::Key> {
    const absl::StatusOr<Found> found = FindLiveKey(request.name());
    if (!found.ok()) return found.status();
    Version version = NewVersion(answer);
    version.enabled = found->key->newest().enabled;
    version.operations = found->key->newest().operations;
    version.tags = found->key->newest().tags;
    found->key->versions.push_back(version);
    found->key->update_time = Now();
    return ShowKey(*found->vault, *found->key);
  });
}

absl::StatusOr<v1::UpdateKeyVersionResponse> VaultModel::Call(
    const Caller& caller, const v1::UpdateKeyVersionRequest& request,
    const v1::UpdateKeyVersionResponse*) {
  const v1::KeyVersion& given = request.key_version();
  if (Error no = MayUse(caller, given.name(), "update"); !no.ok()) return no;
  const absl::StatusOr<Found> found = FindLiveKey(given.name());
  if (!found.ok()) return found.status();
  Version* const version = VersionOf(*found->key, given.name());
  if (version == nullptr) return NoSuchVersion();
  if (!given.etag().empty() && given.etag() != absl::StrCat(version->revision)) {
    return Refusal(absl::StatusCode::kAborted, "ETAG_MISMATCH");
  }
  Version changed = *version;
  bool sets_operations = false;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "key_ops") {
      sets_operations = true;
      changed.operations = {given.key_ops().begin(), given.key_ops().end()};
      if (changed.operations.empty() || !CanDo(found->key->type, changed.operations)) {
        return InvalidRequest();
      }
    }
    if (path == "not_before") {
      changed.not_before = ModelTime(given.has_not_before(), given.not_before());
    }
    if (path == "expire_time") {
      changed.expire_time = ModelTime(given.has_expire_time(), given.expire_time());
    }
    if (path == "tags") changed.tags = TagsFrom(given.tags());
  }
  if (changed.window_is_empty()) return InvalidRequest();
  changed.update_time = Now();
  ++changed.revision;
  const bool loses = !std::includes(changed.operations.begin(), changed.operations.end(),
                                    version->operations.begin(), version->operations.end());
  *version = changed;
  v1::UpdateKeyVersionResponse answer;
  *answer.mutable_key_version() = ShowVersion(changed);
  const bool again = sets_operations && changed.operations.count("unwrapKey") == 0;
  if ((loses || again) && !request.async()) answer.mutable_delivery();
  return answer;
}

void VaultModel::SetEnabled(Key& key, const std::string& name, bool enabled) {
  for (Version& version : key.versions) {
    if (version.enabled == enabled || (name != key.name && name != version.name)) continue;
    version.enabled = enabled;
    version.update_time = Now();
    ++version.revision;
  }
}

absl::StatusOr<v1::DisableKeyResponse> VaultModel::Call(const Caller& caller,
                                                        const v1::DisableKeyRequest& request,
                                                        const v1::DisableKeyResponse*) {
  if (Error no = MayUse(caller, request.name(), "update"); !no.ok()) return no;
  auto answer = Once<v1::DisableKeyRequest, v1::DisableKeyResponse>(
      caller, request, [&]() -> absl::StatusOr<v1::DisableKeyResponse> {
        const absl::StatusOr<Found> found = FindLiveKey(request.name());
        if (!found.ok()) return found.status();
        if (VersionOf(*found->key, request.name()) == nullptr) return NoSuchVersion();
        v1::DisableKeyResponse response;
        if (request.validate_only()) {
          *response.mutable_key() = ShowKey(*found->vault, *found->key);
          if (request.name() == found->key->name || request.name() == found->key->newest().name) {
            response.mutable_key()->mutable_newest_version()->set_enabled(false);
          }
          return response;
        }
        SetEnabled(*found->key, request.name(), false);
        *response.mutable_key() = ShowKey(*found->vault, *found->key);
        response.mutable_delivery();
        return response;
      });
  if (answer.ok() && request.async()) answer->clear_delivery();
  return answer;
}

absl::StatusOr<v1::Key> VaultModel::Call(const Caller& caller, const v1::EnableKeyRequest& request,
                                         const v1::Key*) {
  if (Error no = MayUse(caller, request.name(), "update"); !no.ok()) return no;
  return Once<v1::EnableKeyRequest, v1::Key>(caller, request, [&]() -> absl::StatusOr<v1::Key> {
    const absl::StatusOr<Found> found = FindLiveKey(request.name());
    if (!found.ok()) return found.status();
    if (VersionOf(*found->key, request.name()) == nullptr) return NoSuchVersion();
    SetEnabled(*found->key, request.name(), true);
    return ShowKey(*found->vault, *found->key);
  });
}

}  // namespace keyward::key_vault::testing
