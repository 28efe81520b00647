#ifndef KEYWARD_COMMON_CRYPTO_AES_KW_H_
#define KEYWARD_COMMON_CRYPTO_AES_KW_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// Key wrapping with AES (NIST SP 800-38F): deterministic, without associated data; for exchanging
// keys with others. What Keyward stores is wrapped by an Aead. The wrapping key has 16, 24 or 32
// bytes, else INVALID_ARGUMENT. Every failure to unwrap is INVALID_ARGUMENT with one text.

// AES-KW (RFC 3394): the secret has at least 16 bytes, a multiple of 8.
absl::StatusOr<std::string> AesKwWrap(const SecretBytes& wrapping_key, const SecretBytes& secret);
absl::StatusOr<SecretBytes> AesKwUnwrap(const SecretBytes& wrapping_key, absl::string_view wrapped);

// AES-KWP (RFC 5649), the second part of CKM_RSA_AES_KEY_WRAP: the secret has any size but 0.
absl::StatusOr<std::string> AesKwpWrap(const SecretBytes& wrapping_key, const SecretBytes& secret);
absl::StatusOr<SecretBytes> AesKwpUnwrap(const SecretBytes& wrapping_key,
                                         absl::string_view wrapped);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_AES_KW_H_
