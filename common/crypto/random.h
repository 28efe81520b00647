#ifndef KEYWARD_COMMON_CRYPTO_RANDOM_H_
#define KEYWARD_COMMON_CRYPTO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"

namespace keyward::crypto {

// Random values from the FIPS module's generator (CTR_DRBG seeded by the kernel). They are fit for
// keys, nonces and identifiers alike. Thread-safe; cannot fail.

// Overwrites `out` with random bytes.
void FillRandom(absl::Span<uint8_t> out);

// `size` random bytes that need not stay secret: nonces and salts. Keys come from
// SecretBytes::Random().
std::string RandomBytes(size_t size);

// `bytes` random bytes as lower-case hexadecimal digits, two each: identifiers.
std::string RandomHex(size_t bytes);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_RANDOM_H_
