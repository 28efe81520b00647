#ifndef KEYWARD_SERVICES_KEY_VAULT_FIELDS_H_
#define KEYWARD_SERVICES_KEY_VAULT_FIELDS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/field_errors.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/access_policy.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// The name in the field, or the error for the caller if it is malformed: for requests that have
// little else to be wrong.
absl::StatusOr<VaultName> ReadVaultName(const std::string& field, const std::string& name);
absl::StatusOr<KeyName> ReadKeyName(const std::string& field, const std::string& name);
absl::StatusOr<KeyVersionName> ReadKeyVersionName(const std::string& field,
                                                  const std::string& name);
absl::StatusOr<KeyReference> ReadKeyReference(const std::string& field, const std::string& name);

// Each of the following reads one field of a request into a value of the domain; what is wrong goes
// to `errors` under the name `field`, and the value is then good for nothing.

Tags ReadTags(const std::string& field, const google::protobuf::Map<std::string, std::string>& tags,
              FieldErrors& errors);

// "subscriptions/{subscription}".
std::string ReadSubscription(const std::string& field, const std::string& name,
                             FieldErrors& errors);

// "tenants/{tenant}".
std::string ReadTenant(const std::string& field, const std::string& name, FieldErrors& errors);

// The name of a resource of another service, which uses a key: 1-256 of [0-9A-Za-z/_.-].
std::string ReadUser(const std::string& field, const std::string& user, FieldErrors& errors);

// At most 256 characters.
std::string ReadDescription(const std::string& field, const std::string& description,
                            FieldErrors& errors);

std::string ReadRegion(const std::string& field, const std::string& region, FieldErrors& errors);

// 7-90; 90 if 0.
int ReadRetentionDays(const std::string& field, int days, FieldErrors& errors);

// SKU_STANDARD if unset.
keyvault::v1::Sku ReadSku(const std::string& field, keyvault::v1::Sku sku, FieldErrors& errors);

// No principal twice, no empty permissions.
AccessPolicy::Entries ReadPolicyEntries(
    const std::string& field,
    const google::protobuf::RepeatedPtrField<keyvault::v1::AccessPolicyEntry>& entries,
    FieldErrors& errors);

// Some of the operations that are possible; may be empty.
KeyOperations ReadKeyOperations(const std::string& field,
                                const google::protobuf::RepeatedPtrField<std::string>& names,
                                KeyOperations possible, FieldErrors& errors);

absl::Time ReadTime(const std::string& field, const google::protobuf::Timestamp& time,
                    FieldErrors& errors);

// Notes an error if the window between the two is empty.
void CheckWindow(const std::string& expire_time_field, std::optional<absl::Time> not_before,
                 std::optional<absl::Time> expire_time, FieldErrors& errors);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_FIELDS_H_
