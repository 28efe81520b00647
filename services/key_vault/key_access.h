#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_ACCESS_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_ACCESS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/key_permissions.h"
#include "services/key_vault/key_rules.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// All that decides, beside the access policy, over one key operation, as one moment's database has
// it. A value.
struct KeyAccess {
  // Whether the key exists, deleted or not.
  bool key_found = false;
  keyvault::v1::KeyType key_type = keyvault::v1::KEY_TYPE_UNSPECIFIED;
  // The version named, or the newest; nothing if there is none.
  std::optional<KeyVersionName> version;
  // Of that version, with what its key and vault are.
  KeyState state;
};

// Reads it, in one query; nothing if the vault does not exist. Errors are the transaction's.
absl::StatusOr<std::optional<KeyAccess>> FindKeyAccess(storage::Transaction& tx,
                                                       const KeyReference& key);

// What the vault's access policy gives a principal.
struct VaultAccess {
  std::string vault_tenant;
  KeyPermissions permissions;
};

// Reads it, in one query; nothing if the vault does not exist. Errors are the transaction's.
absl::StatusOr<std::optional<VaultAccess>> FindVaultAccess(storage::Transaction& tx,
                                                           const VaultName& vault,
                                                           const std::string& principal);

// The private key of a version as it was stored; nothing if there is no such version.
absl::StatusOr<std::optional<std::string>> FindSealedPrivateKey(storage::Transaction& tx,
                                                                const KeyVersionName& version);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_ACCESS_H_
