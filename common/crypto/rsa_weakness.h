#ifndef KEYWARD_COMMON_CRYPTO_RSA_WEAKNESS_H_
#define KEYWARD_COMMON_CRYPTO_RSA_WEAKNESS_H_

#include <openssl/base.h>

#include "absl/status/status.h"

namespace keyward::crypto {

// INVALID_ARGUMENT, saying why, unless the size is 2048, 3072 or 4096 bits and the exponent is odd
// and at least 65537. For the .cc files of this folder only.
absl::Status CheckRsaLimits(const RSA* key);

// INVALID_ARGUMENT, saying why, for a public key that shows that no sound generator made it. See
// RsaPublicKey::CheckImport(). For the .cc files of this folder only.
absl::Status CheckRsaPublicWeakness(RSA* key);

// INVALID_ARGUMENT, saying why, for a private key that a sound generator does not make. See
// RsaPrivateKey::ImportPkcs8(). For the .cc files of this folder only.
absl::Status CheckRsaWeakness(RSA* key);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_RSA_WEAKNESS_H_
