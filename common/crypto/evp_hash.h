#ifndef KEYWARD_COMMON_CRYPTO_EVP_HASH_H_
#define KEYWARD_COMMON_CRYPTO_EVP_HASH_H_

#include <openssl/base.h>

#include "common/crypto/hash.h"

namespace keyward::crypto {

// BoringSSL's description of a hash. For the .cc files of this folder only.
const EVP_MD* EvpHash(HashAlgorithm algorithm);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_EVP_HASH_H_
