#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_OPERATIONS_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_OPERATIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/flag_set.h"

namespace keyward::key_vault {

// What a key can do: the values of key_ops. The numbers are stored: add at the end only.
enum class KeyOperation { kEncrypt, kDecrypt, kSign, kVerify, kWrapKey, kUnwrapKey, kCount };

using KeyOperations = FlagSet<KeyOperation>;

// The name in key_ops, such as "wrapKey".
absl::string_view ToString(KeyOperation operation);

// The operation of that name, whatever its case; nothing if there is none.
std::optional<KeyOperation> ParseKeyOperation(absl::string_view name);

// The names, in the order of the enumeration.
std::vector<std::string> Names(KeyOperations operations);

// What needs no private key.
inline constexpr KeyOperations kPublicOperations = {KeyOperation::kEncrypt, KeyOperation::kVerify,
                                                    KeyOperation::kWrapKey};

// All that a key of that type can do, or its public part alone; nothing for a type that does not
// exist.
KeyOperations OperationsOf(keyvault::v1::KeyType type, bool public_only = false);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_OPERATIONS_H_
