#ifndef KEYWARD_COMMON_CRYPTO_HKDF_H_
#define KEYWARD_COMMON_CRYPTO_HKDF_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// HKDF with HMAC-SHA256 (RFC 5869): `size` bytes derived from `key_material`, whose strength bounds
// that of the result. Distinct `info` gives independent keys. At most 255 × 32 bytes, else
// INVALID_ARGUMENT.
absl::StatusOr<SecretBytes> HkdfSha256(const SecretBytes& key_material, absl::string_view salt,
                                       absl::string_view info, size_t size);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_HKDF_H_
