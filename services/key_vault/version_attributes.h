#ifndef KEYWARD_SERVICES_KEY_VAULT_VERSION_ATTRIBUTES_H_
#define KEYWARD_SERVICES_KEY_VAULT_VERSION_ATTRIBUTES_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/status/field_errors.h"
#include "google/protobuf/field_mask.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/key.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// What a caller can choose about a key version. A value.
struct VersionAttributes {
  KeyOperations operations;
  std::optional<absl::Time> not_before;
  std::optional<absl::Time> expire_time;
  Tags tags;
};

// The attributes in a request for a new version of a key: without key_ops, all that is possible.
// What is wrong goes to `errors`, as "<field>.key_ops" and so on.
VersionAttributes ReadVersionAttributes(const std::string& field,
                                        const keyvault::v1::KeyVersion& given,
                                        KeyOperations possible, FieldErrors& errors);

// Sets those attributes of `version` that `mask` names to what is given. What is wrong goes to
// `errors`.
void UpdateAttributes(const std::string& field, const keyvault::v1::KeyVersion& given,
                      const google::protobuf::FieldMask& mask, keyvault::v1::KeyType type,
                      KeyVersion& version, FieldErrors& errors);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VERSION_ATTRIBUTES_H_
