#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_MESSAGES_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_MESSAGES_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/key_vault/testing/vault_model.h"

namespace keyward::key_vault::testing {

// The model's values as the messages that show them, and back.

google::protobuf::Timestamp ModelTimestamp(absl::Time time);
std::optional<absl::Time> ModelTime(bool set, const google::protobuf::Timestamp& time);

// What the contract lists: permissions ("all" spelled out) and operations, in its order.
using Strings = google::protobuf::RepeatedPtrField<std::string>;
VaultModel::Names PermissionsFrom(const Strings& names);
void AddPermissions(const VaultModel::Names& permissions, Strings* names);
void AddOperations(const VaultModel::Names& operations, Strings* names);
// What a key of that type can do.
VaultModel::Names OperationsOfType(keyvault::v1::KeyType type);
bool CanDo(keyvault::v1::KeyType type, const VaultModel::Names& operations);

VaultModel::Tags TagsFrom(const google::protobuf::Map<std::string, std::string>& tags);
std::map<std::string, VaultModel::Names> PolicyFrom(
    const google::protobuf::RepeatedPtrField<keyvault::v1::AccessPolicyEntry>& entries);

keyvault::v1::Vault ShowVault(const VaultModel::Vault& vault);
keyvault::v1::Key ShowKey(const VaultModel::Vault& vault, const VaultModel::Key& key);
keyvault::v1::KeyVersion ShowVersion(const VaultModel::Version& version);

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_MODEL_MESSAGES_H_
