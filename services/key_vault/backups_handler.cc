#include "services/key_vault/backups_handler.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/key_vault/backup.h"
#include "services/key_vault/backup_seal.h"
#include "services/key_vault/backup_store.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/event_types.h"
#include "services/key_vault/fields.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/message_count_store.h"
#include "services/key_vault/messages.h"
#include "services/key_vault/names.h"
#include "services/key_vault/rotation_store.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using v1::KeyBackup;

absl::StatusOr<WholeKey> ReadWhole(storage::Transaction& tx, const Key& key) {
  constexpr int kLimit = BackupsHandler::kMaxVersions + 1;
  KW_ASSIGN_OR_RETURN(std::vector<KeyVersion> versions,
                      KeyStore(tx).ListVersions(key.name, 0, kLimit));
  if (versions.size() == kLimit) return KeyTooLarge(key.name);
  KW_ASSIGN_OR_RETURN(auto sealed, BackupStore(tx).SealedPrivateKeys(key.name));
  WholeKey whole{.key = key, .versions = {}, .policy = {}};
  std::reverse(versions.begin(), versions.end());
  for (KeyVersion& version : versions) {
    const std::string id = version.name.id();
    whole.versions.push_back({std::move(version), std::move(sealed[id])});
  }
  KW_ASSIGN_OR_RETURN(whole.policy, RotationStore(tx).FindPolicy(key.name));
  return whole;
}

// A backup that was opened, with the key that it will be in the vault, sealed for there.
struct Restored {
  KeyBackup backup;
  KeyName origin;
  WholeKey whole;
};

absl::StatusOr<Restored> Open(const crypto::RootKey& root_key, const KeyRing& key_ring,
                              const VaultName& vault, const std::string& sealed) {
  const absl::StatusOr<std::string> content = OpenBackup(root_key, sealed);
  if (absl::IsUnavailable(content.status())) return content.status();
  KeyBackup backup;
  if (!content.ok() || !backup.ParseFromString(*content)) return BackupInvalid();
  KW_ASSIGN_OR_RETURN(KeyName origin, KeyName::Parse(backup.key()));
  KW_ASSIGN_OR_RETURN(const KeyName name, KeyName::FromId(vault, origin.id()));
  KW_ASSIGN_OR_RETURN(WholeKey whole, FromBackup(backup, name));
  for (StoredVersion& stored : whole.versions) {
    KW_ASSIGN_OR_RETURN(const KeyVersionName from,
                        KeyVersionName::FromId(origin, stored.version.name.id()));
    KW_ASSIGN_OR_RETURN(stored.sealed_private_key,
                        key_ring.SealFor(stored.version.name, from, stored.sealed_private_key));
  }
  return Restored{std::move(backup), std::move(origin), std::move(whole)};
}

absl::Status CheckBinding(const KeyBackup& backup, const Vault& vault) {
  BackupBinding binding;
  binding.other_tenant = backup.tenant() != vault.tenant;
  binding.other_subscription = backup.subscription() != vault.subscription;
  binding.other_region = backup.region() != vault.region;
  if (binding.holds()) return absl::OkStatus();
  return BackupOfElsewhere(vault.name, binding);
}

// Whichever of two limits comes first, or last; one that is not set does not count.
std::optional<absl::Time> Earlier(std::optional<absl::Time> a, std::optional<absl::Time> b) {
  return a.has_value() && b.has_value() ? std::min(*a, *b) : a.has_value() ? a : b;
}
std::optional<absl::Time> Later(std::optional<absl::Time> a, std::optional<absl::Time> b) {
  return a.has_value() && b.has_value() ? std::max(*a, *b) : a.has_value() ? a : b;
}

// Lets a version do what both the backup and the version of which it was made allow.
void Narrow(KeyVersion& version, const KeyVersion& now) {
  version.enabled = version.enabled && now.enabled;
  version.operations = version.operations & now.operations;
  version.not_before = Later(version.not_before, now.not_before);
  version.expire_time = Earlier(version.expire_time, now.expire_time);
}

// Refuses what would undo that the key of which the backup was made is gone, and takes away what
// was taken away there.
absl::Status FollowOrigin(storage::Transaction& tx, Restored& restored) {
  const KeyName& origin = restored.origin;
  BackupStore backups(tx);
  KW_ASSIGN_OR_RETURN(const std::optional<int64_t> epoch,
                      backups.FindEpoch(origin.vault(), restored.whole.uid()));
  KW_ASSIGN_OR_RETURN(const std::optional<std::string> uid, backups.FindUid(origin));
  const bool exists = uid == restored.whole.uid();
  // Without any trace of the key, the database is not the one from which the backup was made.
  const bool purged = epoch.has_value() && !exists;
  if (purged || epoch.value_or(0) > restored.backup.epoch()) return BackupRevoked(origin);
  if (!exists) return absl::OkStatus();
  KW_RETURN_IF_ERROR(FindLiveKey(tx, origin).status());
  for (StoredVersion& stored : restored.whole.versions) {
    KW_ASSIGN_OR_RETURN(const KeyVersionName name,
                        KeyVersionName::FromId(origin, stored.version.name.id()));
    KW_ASSIGN_OR_RETURN(const KeyVersion now, FindVersion(tx, name));
    Narrow(stored.version, now);
  }
  return absl::OkStatus();
}

absl::Status Insert(storage::Transaction& tx, const WholeKey& whole) {
  KeyStore keys(tx);
  RotationStore rotation(tx);
  KW_RETURN_IF_ERROR(keys.Insert(whole.key));
  for (const StoredVersion& stored : whole.versions) {
    KW_RETURN_IF_ERROR(keys.InsertVersion(stored.version, stored.sealed_private_key));
    // The origin may go on sealing under the same AES key: together they must not seal too much.
    if (whole.key.type == v1::KEY_TYPE_OCT_256) {
      KW_RETURN_IF_ERROR(MessageCountStore(tx).Exhaust(stored.version.name));
    }
  }
  if (whole.policy.revision > 0) {
    KW_RETURN_IF_ERROR(rotation.SetPolicy(whole.key.name, whole.policy));
  }
  return rotation.Reschedule(whole.versions.back().version);
}

}  // namespace

absl::StatusOr<v1::BackupKeyResponse> BackupsHandler::Backup(const server::CallContext& call,
                                                             const v1::BackupKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  KW_ASSIGN_OR_RETURN(const BackupSeal seal, BackupSeal::Create(root_key_));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time) -> absl::StatusOr<v1::BackupKeyResponse> {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindLiveKey(tx, name));
    if (found.newest.in_hsm) return KeyBoundToHsm(name, "backed up");
    KW_ASSIGN_OR_RETURN(const WholeKey whole, ReadWhole(tx, found.key));
    KW_ASSIGN_OR_RETURN(const int64_t epoch, BackupStore(tx).NoteBackup(name.vault(), whole.uid()));
    absl::StatusOr<std::string> sealed =
        seal.Seal(ToBackup(found.vault, whole, epoch).SerializeAsString());
    if (absl::IsOutOfRange(sealed.status())) return KeyTooLarge(name);
    KW_RETURN_IF_ERROR(sealed.status());
    KW_RETURN_IF_ERROR(
        publisher_.Publish(tx, call, kKeyBackedUp, ToEvent(found.key, found.newest.enabled)));
    v1::BackupKeyResponse answer;
    answer.set_backup(*std::move(sealed));
    return answer;
  };
  return changes_.Grant<v1::BackupKeyResponse>(call, request, work);
}

absl::StatusOr<v1::Key> BackupsHandler::Restore(const server::CallContext& call,
                                                const v1::RestoreKeyRequest& request) {
  KW_ASSIGN_OR_RETURN(const VaultName vault_name, ReadVaultName("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(Restored opened, Open(root_key_, key_ring_, vault_name, request.backup()));
  const auto work = [&](storage::Transaction& tx, absl::Time now) -> absl::StatusOr<v1::Key> {
    Restored restored = opened;
    WholeKey& whole = restored.whole;
    KW_ASSIGN_OR_RETURN(const Vault vault, FindLiveVault(tx, vault_name));
    if (vault.sku == v1::SKU_PREMIUM) return KeyBoundToHsm(whole.key.name, "restored");
    KW_RETURN_IF_ERROR(CheckBinding(restored.backup, vault));
    KW_RETURN_IF_ERROR(CheckNameIsFree(tx, whole.key.name));
    KW_RETURN_IF_ERROR(FollowOrigin(tx, restored));
    whole.key.update_time = now;
    KW_RETURN_IF_ERROR(Insert(tx, whole));
    const KeyVersion& newest = whole.versions.back().version;
    KW_RETURN_IF_ERROR(
        publisher_.Publish(tx, call, kKeyRestored, ToEvent(whole.key, newest.enabled)));
    call.Note("key", whole.key.name.ToString());
    call.Note("backup_of", restored.origin.ToString());
    return ToMessage(vault, whole.key, newest);
  };
  return changes_.Grant<v1::Key>(call, request, work);
}

absl::StatusOr<v1::RevokeKeyBackupsResponse> BackupsHandler::Revoke(
    const server::CallContext& call, const v1::RevokeKeyBackupsRequest& request) {
  KW_ASSIGN_OR_RETURN(const KeyName name, ReadKeyName("name", request.name()));
  const auto work = [&](storage::Transaction& tx,
                        absl::Time) -> absl::StatusOr<v1::RevokeKeyBackupsResponse> {
    KW_ASSIGN_OR_RETURN(const KeyInVault found, FindKey(tx, name));
    BackupStore backups(tx);
    KW_ASSIGN_OR_RETURN(const std::optional<std::string> uid, backups.FindUid(name));
    KW_RETURN_IF_ERROR(backups.Revoke(name.vault(), uid.value_or("")));
    KW_RETURN_IF_ERROR(
        publisher_.Publish(tx, call, kKeyBackupsRevoked, ToEvent(found.key, found.newest.enabled)));
    return v1::RevokeKeyBackupsResponse();
  };
  return changes_.Grant<v1::RevokeKeyBackupsResponse>(call, request, work);
}

}  // namespace keyward::key_vault
