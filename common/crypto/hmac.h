#ifndef KEYWARD_COMMON_CRYPTO_HMAC_H_
#define KEYWARD_COMMON_CRYPTO_HMAC_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// HMAC (RFC 2104) of `data`, as raw bytes. Compare it with ConstantTimeEquals().
std::string Hmac(HashAlgorithm algorithm, const SecretBytes& key, absl::string_view data);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_HMAC_H_
