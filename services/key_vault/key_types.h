#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_TYPES_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_TYPES_H_

#include <optional>

#include "common/crypto/ecdsa.h"
#include "keyward/keyvault/v1/keys.pb.h"

namespace keyward::key_vault {

// The size of a type's modulus; 0 for a type that is not RSA.
int RsaBits(keyvault::v1::KeyType type);

// The curve of a type; nothing for a type that is not EC.
std::optional<crypto::EcCurve> Curve(keyvault::v1::KeyType type);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_TYPES_H_
