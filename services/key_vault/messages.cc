#include "services/key_vault/messages.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

template <typename Named, typename Strings>
void AddNames(const Named& set, Strings* strings) {
  for (std::string& name : Names(set)) *strings->Add() = std::move(name);
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

std::string ToEtag(int64_t revision) { return absl::StrCat(revision); }

v1::Vault ToMessage(const Vault& vault, const AccessPolicy& policy) {
  v1::Vault message;
  message.set_name(vault.name.ToString());
  message.set_subscription(vault.subscription);
  message.set_tenant(vault.tenant);
  message.set_region(vault.region);
  message.set_soft_delete_retention_days(vault.retention_days);
  message.set_purge_protection(vault.purge_protection);
  message.set_sku(vault.sku);
  message.set_recovery_level(RecoveryLevel(vault));
  for (const auto& [principal, permissions] : policy.entries()) {
    v1::AccessPolicyEntry* entry = message.add_access_policy();
    entry->set_principal(principal);
    AddNames(permissions, entry->mutable_key_permissions());
  }
  message.mutable_tags()->insert(vault.tags.begin(), vault.tags.end());
  message.set_etag(ToEtag(vault.revision));
  *message.mutable_create_time() = ToTimestamp(vault.create_time);
  *message.mutable_update_time() = ToTimestamp(vault.update_time);
  if (vault.delete_time) *message.mutable_delete_time() = ToTimestamp(*vault.delete_time);
  if (vault.purge_time) *message.mutable_scheduled_purge_time() = ToTimestamp(*vault.purge_time);
  return message;
}

v1::Key ToMessage(const Vault& vault, const Key& key, const KeyVersion& newest) {
  v1::Key message;
  message.set_name(key.name.ToString());
  message.set_key_type(key.type);
  *message.mutable_newest_version() = ToMessage(newest);
  message.set_recovery_level(RecoveryLevel(vault));
  *message.mutable_create_time() = ToTimestamp(key.create_time);
  *message.mutable_update_time() = ToTimestamp(key.update_time);
  if (key.delete_time) *message.mutable_delete_time() = ToTimestamp(*key.delete_time);
  if (key.purge_time) *message.mutable_scheduled_purge_time() = ToTimestamp(*key.purge_time);
  return message;
}

v1::KeyVersion ToMessage(const KeyVersion& version) {
  v1::KeyVersion message;
  message.set_name(version.name.ToString());
  message.set_enabled(version.enabled);
  AddNames(version.operations, message.mutable_key_ops());
  if (version.not_before) *message.mutable_not_before() = ToTimestamp(*version.not_before);
  if (version.expire_time) *message.mutable_expire_time() = ToTimestamp(*version.expire_time);
  message.mutable_tags()->insert(version.tags.begin(), version.tags.end());
  message.set_public_key_pem(version.public_key_pem);
  message.set_public_only(version.public_only);
  message.set_protection_level(version.in_hsm ? v1::PROTECTION_LEVEL_HSM
                                              : v1::PROTECTION_LEVEL_SOFTWARE);
  message.set_etag(ToEtag(version.revision));
  *message.mutable_create_time() = ToTimestamp(version.create_time);
  *message.mutable_update_time() = ToTimestamp(version.update_time);
  return message;
}

v1::KeyUsage ToMessage(const KeyUsage& usage) {
  v1::KeyUsage message;
  message.set_key_version(usage.version.ToString());
  message.set_user(usage.user);
  message.set_service(usage.service);
  message.set_description(usage.description);
  *message.mutable_create_time() = ToTimestamp(usage.create_time);
  return message;
}

v1::VaultChanged ToEvent(const Vault& vault) {
  v1::VaultChanged event;
  event.set_vault(vault.name.ToString());
  event.set_deleted(vault.deleted());
  return event;
}

v1::VaultChanged ToEvent(const Vault& vault, const PolicyChange& change) {
  v1::VaultChanged event = ToEvent(vault);
  for (const auto& [principal, permissions] : change.changed) {
    v1::VaultChanged::PrincipalPermissions* changed = event.add_changed();
    changed->set_principal(principal);
    AddNames(permissions, changed->mutable_key_permissions());
  }
  return event;
}

v1::KeyChanged ToEvent(const Key& key, bool enabled) {
  v1::KeyChanged event;
  event.set_key(key.name.ToString());
  event.set_enabled(enabled);
  event.set_deleted(key.deleted());
  return event;
}

v1::KeyChanged ToEvent(const Key& key, const KeyVersion& version) {
  v1::KeyChanged event = ToEvent(key, version.enabled);
  event.set_version(version.name.ToString());
  AddNames(version.operations, event.mutable_key_ops());
  if (version.not_before) *event.mutable_not_before() = ToTimestamp(*version.not_before);
  if (version.expire_time) *event.mutable_expire_time() = ToTimestamp(*version.expire_time);
  return event;
}

}  // namespace keyward::key_vault
