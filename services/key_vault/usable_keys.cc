#include "services/key_vault/usable_keys.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_rules.h"

namespace keyward::key_vault {
namespace {

// The version that was found, or the error that it was not.
absl::StatusOr<KeyVersionName> VersionOf(const std::optional<KeyAccess>& access,
                                         const KeyReference& reference) {
  if (!access.has_value()) return VaultNotFound(reference.key.vault());
  if (!access->key_found) return KeyNotFound(reference.key);
  if (access->version.has_value()) return *access->version;
  KW_ASSIGN_OR_RETURN(const KeyVersionName version,
                      KeyVersionName::FromId(reference.key, reference.version));
  return KeyVersionNotFound(version);
}

}  // namespace

absl::StatusOr<UsableKey> UsableKeys::Find(const server::CallContext& call, const std::string& name,
                                           KeyOperation operation, const std::string& note) {
  KW_ASSIGN_OR_RETURN(const KeyReference reference, ReadKeyReference("name", name));
  std::optional<KeyAccess> access;
  KW_RETURN_IF_ERROR(database_.ReadOne([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(access, FindKeyAccess(tx, reference));
    return absl::OkStatus();
  }));
  KW_ASSIGN_OR_RETURN(KeyVersionName version, VersionOf(access, reference));
  call.Note(note, version.ToString());
  KW_RETURN_IF_ERROR(limiter_.TakeOperations(version.vault(), call.caller.principal,
                                             OperationWeight(access->key_type)));
  const std::vector<Obstacle> obstacles = ObstaclesTo(operation, access->state, clock_.Now());
  if (!obstacles.empty()) {
    if (!access->state.enabled || access->state.key_deleted || access->state.vault_deleted) {
      // Another replica may have taken it away, which this one did not hear of until now.
      key_ring_.Forget(version);
    }
    return OperationRefused(operation, version, access->state, obstacles);
  }
  KW_ASSIGN_OR_RETURN(std::shared_ptr<const KeyMaterial> key,
                      MaterialOf(version, access->key_type));
  return UsableKey{std::move(version), std::move(key)};
}

absl::StatusOr<std::shared_ptr<const KeyMaterial>> UsableKeys::MaterialOf(
    const KeyVersionName& version, keyvault::v1::KeyType type) {
  if (std::shared_ptr<const KeyMaterial> key = key_ring_.Find(version)) return key;
  std::optional<std::string> sealed;
  KW_RETURN_IF_ERROR(database_.ReadOne([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(sealed, FindSealedPrivateKey(tx, version));
    return absl::OkStatus();
  }));
  // Purged since its state was read.
  if (!sealed.has_value()) return KeyVersionNotFound(version);
  return key_ring_.Open(version, type, *sealed);
}

absl::Status UsableKeys::Charge(const server::CallContext& call, const UsableKey& usable) {
  return limiter_.TakeOperations(usable.version.vault(), call.caller.principal,
                                 OperationWeight(usable.key->type()));
}

}  // namespace keyward::key_vault
