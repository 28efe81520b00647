#include "services/key_vault/backup.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/status/status_macros.h"

namespace keyward::key_vault {
namespace {

using keyvault::v1::KeyBackup;

absl::Status Damaged() { return absl::DataLossError("the backup is damaged"); }

absl::Time FromMicros(int64_t micros) { return absl::FromUnixMicros(micros); }

std::string ToText(const std::optional<CalendarDuration>& duration) {
  return duration ? duration->ToString() : "";
}

absl::StatusOr<std::optional<CalendarDuration>> FromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<CalendarDuration> duration = CalendarDuration::Parse(text);
  if (!duration.ok()) return Damaged();
  return *duration;
}

void SetVersion(const StoredVersion& stored, KeyBackup::Version& kept) {
  const KeyVersion& version = stored.version;
  kept.set_id(version.name.id());
  kept.set_number(version.number);
  kept.set_enabled(version.enabled);
  kept.set_key_ops(version.operations.bits());
  if (version.not_before) kept.set_not_before(absl::ToUnixMicros(*version.not_before));
  if (version.expire_time) kept.set_expire_time(absl::ToUnixMicros(*version.expire_time));
  kept.mutable_tags()->insert(version.tags.begin(), version.tags.end());
  kept.set_public_key_pem(version.public_key_pem);
  kept.set_public_only(version.public_only);
  kept.set_revision(version.revision);
  kept.set_create_time(absl::ToUnixMicros(version.create_time));
  kept.set_update_time(absl::ToUnixMicros(version.update_time));
  kept.set_sealed_private_key(stored.sealed_private_key);
}

absl::StatusOr<StoredVersion> FromVersion(const KeyBackup::Version& kept, const KeyName& key) {
  absl::StatusOr<KeyVersionName> name = KeyVersionName::FromId(key, kept.id());
  if (!name.ok()) return Damaged();
  KeyVersion version{.name = *std::move(name),
                     .number = kept.number(),
                     .enabled = kept.enabled(),
                     .operations = KeyOperations::FromBits(kept.key_ops()),
                     .tags = {kept.tags().begin(), kept.tags().end()},
                     .public_key_pem = kept.public_key_pem(),
                     .public_only = kept.public_only(),
                     .revision = kept.revision(),
                     .create_time = FromMicros(kept.create_time()),
                     .update_time = FromMicros(kept.update_time())};
  if (kept.has_not_before()) version.not_before = FromMicros(kept.not_before());
  if (kept.has_expire_time()) version.expire_time = FromMicros(kept.expire_time());
  return StoredVersion{std::move(version), kept.sealed_private_key()};
}

void SetPolicy(const RotationPolicy& policy, KeyBackup& backup) {
  if (policy.revision == 0) return;
  KeyBackup::Policy& kept = *backup.mutable_policy();
  kept.set_expiry(ToText(policy.expiry));
  kept.set_rotate_after_create(ToText(policy.rotate_after_create));
  kept.set_rotate_before_expiry(ToText(policy.rotate_before_expiry));
  kept.set_notify_before_expiry(policy.notify_before_expiry.ToString());
  kept.set_revision(policy.revision);
  kept.set_create_time(absl::ToUnixMicros(policy.create_time));
  kept.set_update_time(absl::ToUnixMicros(policy.update_time));
}

absl::StatusOr<RotationPolicy> FromPolicy(const KeyBackup& backup) {
  RotationPolicy policy;
  if (!backup.has_policy()) return policy;
  const KeyBackup::Policy& kept = backup.policy();
  KW_ASSIGN_OR_RETURN(policy.expiry, FromText(kept.expiry()));
  KW_ASSIGN_OR_RETURN(policy.rotate_after_create, FromText(kept.rotate_after_create()));
  KW_ASSIGN_OR_RETURN(policy.rotate_before_expiry, FromText(kept.rotate_before_expiry()));
  KW_ASSIGN_OR_RETURN(const auto notify, FromText(kept.notify_before_expiry()));
  if (notify) policy.notify_before_expiry = *notify;
  policy.revision = kept.revision();
  policy.create_time = FromMicros(kept.create_time());
  policy.update_time = FromMicros(kept.update_time());
  return policy;
}

}  // namespace

KeyBackup ToBackup(const Vault& vault, const WholeKey& whole, int64_t epoch) {
  KeyBackup backup;
  backup.set_tenant(vault.tenant);
  backup.set_subscription(vault.subscription);
  backup.set_region(vault.region);
  backup.set_key(whole.key.name.ToString());
  backup.set_epoch(epoch);
  backup.set_key_type(whole.key.type);
  backup.set_create_time(absl::ToUnixMicros(whole.key.create_time));
  for (const StoredVersion& version : whole.versions) SetVersion(version, *backup.add_versions());
  SetPolicy(whole.policy, backup);
  return backup;
}

absl::StatusOr<WholeKey> FromBackup(const KeyBackup& backup, const KeyName& name) {
  if (backup.versions().empty()) return Damaged();
  WholeKey whole{.key = {.name = name,
                         .type = static_cast<keyvault::v1::KeyType>(backup.key_type()),
                         .newest_version = backup.versions().rbegin()->id(),
                         .create_time = FromMicros(backup.create_time())},
                 .versions = {},
                 .policy = {}};
  for (const KeyBackup::Version& kept : backup.versions()) {
    KW_ASSIGN_OR_RETURN(StoredVersion version, FromVersion(kept, name));
    whole.versions.push_back(std::move(version));
  }
  KW_ASSIGN_OR_RETURN(whole.policy, FromPolicy(backup));
  return whole;
}

}  // namespace keyward::key_vault
