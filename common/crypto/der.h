#ifndef KEYWARD_COMMON_CRYPTO_DER_H_
#define KEYWARD_COMMON_CRYPTO_DER_H_

#include <openssl/base.h>
#include <openssl/evp.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The outer forms of keys, the same for RSA and elliptic curves. Parsers take a key and nothing
// after it; INVALID_ARGUMENT otherwise. For the .cc files of this folder only.

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParseSpkiDer(absl::string_view der);
absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParseSpkiPem(absl::string_view pem);
absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParsePkcs8(const SecretBytes& der);

std::string SpkiDer(const EVP_PKEY* key);
std::string SpkiPem(const EVP_PKEY* key);
SecretBytes Pkcs8(const EVP_PKEY* key);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_DER_H_
