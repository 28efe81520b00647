#ifndef KEYWARD_SERVICES_KEY_VAULT_REWRAPPING_H_
#define KEYWARD_SERVICES_KEY_VAULT_REWRAPPING_H_

#include "absl/status/statusor.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "services/key_vault/cipher_operations.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// Answers a RewrapKey of a caller that may unwrap and wrap. What is wrapped exists between the two
// steps alone, in secret memory.
absl::StatusOr<keyvault::v1::RewrapKeyResponse> Rewrap(
    CipherOperations& ciphers, const keyvault::v1::RewrapKeyRequest& request, KeyFinder find_source,
    KeyFinder find_target);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_REWRAPPING_H_
