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

// The DER inside a private key in PEM form ("BEGIN PRIVATE KEY"), not parsed yet.
absl::StatusOr<SecretBytes> Pkcs8FromPem(absl::string_view pem);

// What BoringSSL minded first about a key, as ": <why>", without any of its numbers; empty if it
// did not say. Leaves its queue of errors as it is.
std::string WhyNotSound();

std::string SpkiDer(const EVP_PKEY* key);
std::string SpkiPem(const EVP_PKEY* key);
SecretBytes Pkcs8(const EVP_PKEY* key);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_DER_H_
