#include "services/key_vault/testing/model_messages.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace keyward::key_vault::testing {
namespace {

namespace v1 = keyvault::v1;

const std::vector<std::string>& AllPermissions() {
  static const auto& all = *new std::vector<std::string>{"get",
                                                         "list",
                                                         "create",
                                                         "update",
                                                         "import",
                                                         "delete",
                                                         "recover",
                                                         "backup",
                                                         "restore",
                                                         "decrypt",
                                                         "encrypt",
                                                         "unwrapKey",
                                                         "wrapKey",
                                                         "verify",
                                                         "sign",
                                                         "purge",
                                                         "rotate",
                                                         "getRotationPolicy",
                                                         "setRotationPolicy",
                                                         "getRandomBytes"};
  return all;
}

const std::vector<std::string>& AllOperations() {
  static const auto& all =
      *new std::vector<std::string>{"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"};
  return all;
}

void AddInOrder(const std::vector<std::string>& order, const VaultModel::Names& chosen,
                Strings* names) {
  for (const std::string& name : order) {
    if (chosen.count(name) != 0) *names->Add() = name;
  }
}

std::string RecoveryLevelOf(const VaultModel::Vault& vault) {
  const std::string level = vault.retention_days < 90 ? "CustomizedRecoverable" : "Recoverable";
  return vault.purge_protection ? level : level + "+Purgeable";
}

}  // namespace

google::protobuf::Timestamp ModelTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  return timestamp;
}

std::optional<absl::Time> ModelTime(bool set, const google::protobuf::Timestamp& time) {
  if (!set) return std::nullopt;
  return absl::FromUnixMicros(time.seconds() * 1'000'000 + time.nanos() / 1'000);
}

VaultModel::Names PermissionsFrom(const Strings& names) {
  VaultModel::Names permissions;
  for (const std::string& name : names) {
    if (name == "all") permissions.insert(AllPermissions().begin(), AllPermissions().end());
    if (name != "all") permissions.insert(name);
  }
  return permissions;
}

void AddPermissions(const VaultModel::Names& permissions, Strings* names) {
  AddInOrder(AllPermissions(), permissions, names);
}

void AddOperations(const VaultModel::Names& operations, Strings* names) {
  AddInOrder(AllOperations(), operations, names);
}

VaultModel::Names OperationsOfType(v1::KeyType type) {
  switch (type) {
    case v1::KEY_TYPE_RSA_2048:
    case v1::KEY_TYPE_RSA_3072:
    case v1::KEY_TYPE_RSA_4096:
      return {AllOperations().begin(), AllOperations().end()};
    case v1::KEY_TYPE_OCT_256:
      return {"encrypt", "decrypt", "wrapKey", "unwrapKey"};
    default:
      return {"sign", "verify"};
  }
}

bool CanDo(v1::KeyType type, const VaultModel::Names& operations) {
  const VaultModel::Names possible = OperationsOfType(type);
  return std::includes(possible.begin(), possible.end(), operations.begin(), operations.end());
}

VaultModel::Tags TagsFrom(const google::protobuf::Map<std::string, std::string>& tags) {
  return {tags.begin(), tags.end()};
}

std::map<std::string, VaultModel::Names> PolicyFrom(
    const google::protobuf::RepeatedPtrField<v1::AccessPolicyEntry>& entries) {
  std::map<std::string, VaultModel::Names> policy;
  for (const v1::AccessPolicyEntry& entry : entries) {
    policy[entry.principal()] = PermissionsFrom(entry.key_permissions());
  }
  return policy;
}

v1::Vault ShowVault(const VaultModel::Vault& vault) {
  v1::Vault message;
  message.set_name(vault.name);
  message.set_subscription(vault.subscription);
  message.set_tenant(vault.tenant);
  message.set_region(vault.region);
  message.set_soft_delete_retention_days(vault.retention_days);
  message.set_purge_protection(vault.purge_protection);
  message.set_sku(v1::SKU_STANDARD);
  message.set_recovery_level(RecoveryLevelOf(vault));
  for (const auto& [principal, permissions] : vault.policy) {
    v1::AccessPolicyEntry* entry = message.add_access_policy();
    entry->set_principal(principal);
    AddPermissions(permissions, entry->mutable_key_permissions());
  }
  message.mutable_tags()->insert(vault.tags.begin(), vault.tags.end());
  message.set_etag(absl::StrCat(vault.revision));
  *message.mutable_create_time() = ModelTimestamp(vault.create_time);
  *message.mutable_update_time() = ModelTimestamp(vault.update_time);
  if (vault.delete_time) {
    *message.mutable_delete_time() = ModelTimestamp(*vault.delete_time);
    *message.mutable_scheduled_purge_time() = ModelTimestamp(*vault.purge_time);
  }
  return message;
}

v1::Key ShowKey(const VaultModel::Vault& vault, const VaultModel::Key& key) {
  v1::Key message;
  message.set_name(key.name);
  message.set_key_type(key.type);
  *message.mutable_newest_version() = ShowVersion(key.versions.back());
  message.set_recovery_level(RecoveryLevelOf(vault));
  *message.mutable_create_time() = ModelTimestamp(key.create_time);
  *message.mutable_update_time() = ModelTimestamp(key.update_time);
  if (key.delete_time) {
    *message.mutable_delete_time() = ModelTimestamp(*key.delete_time);
    *message.mutable_scheduled_purge_time() = ModelTimestamp(*key.purge_time);
  }
  return message;
}

v1::KeyVersion ShowVersion(const VaultModel::Version& version) {
  v1::KeyVersion message;
  message.set_name(version.name);
  message.set_enabled(version.enabled);
  AddOperations(version.operations, message.mutable_key_ops());
  if (version.not_before) *message.mutable_not_before() = ModelTimestamp(*version.not_before);
  if (version.expire_time) *message.mutable_expire_time() = ModelTimestamp(*version.expire_time);
  message.mutable_tags()->insert(version.tags.begin(), version.tags.end());
  message.set_public_key_pem(version.public_key_pem);
  message.set_protection_level(v1::PROTECTION_LEVEL_SOFTWARE);
  message.set_etag(absl::StrCat(version.revision));
  *message.mutable_create_time() = ModelTimestamp(version.create_time);
  *message.mutable_update_time() = ModelTimestamp(version.update_time);
  return message;
}

}  // namespace keyward::key_vault::testing
