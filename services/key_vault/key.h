#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/names.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// A key without its versions. A value.
struct Key {
  KeyName name;
  keyvault::v1::KeyType type = keyvault::v1::KEY_TYPE_UNSPECIFIED;
  // The id of the newest version, which operations on the bare key name use.
  std::string newest_version;
  absl::Time create_time = absl::UnixEpoch();
  absl::Time update_time = absl::UnixEpoch();
  // Both set while the key is deleted.
  std::optional<absl::Time> delete_time = std::nullopt;
  std::optional<absl::Time> purge_time = std::nullopt;

  bool deleted() const { return delete_time.has_value(); }
};

// A version of a key without its private key, which only the store and key_material.h handle. A
// value.
struct KeyVersion {
  KeyVersionName name;
  // Counts the versions of the key from 1.
  int64_t number = 1;
  bool enabled = true;
  KeyOperations operations = {};
  std::optional<absl::Time> not_before = std::nullopt;
  std::optional<absl::Time> expire_time = std::nullopt;
  Tags tags = {};
  // SubjectPublicKeyInfo; empty for AES.
  std::string public_key_pem = {};
  // The private part is not in the vault.
  bool public_only = false;
  // The private key is in the token (hsm_keys.h).
  bool in_hsm = false;
  // Grows with each change of the version; its etag.
  int64_t revision = 1;
  absl::Time create_time = absl::UnixEpoch();
  absl::Time update_time = absl::UnixEpoch();
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_H_
