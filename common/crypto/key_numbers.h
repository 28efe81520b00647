#ifndef KEYWARD_COMMON_CRYPTO_KEY_NUMBERS_H_
#define KEYWARD_COMMON_CRYPTO_KEY_NUMBERS_H_

#include "absl/status/statusor.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The numbers of an RSA private key, big-endian: the members of a JWK (RFC 7518, 6.3) after
// base64url decoding.
struct RsaNumbers {
  SecretBytes n, e, d, p, q, dp, dq, qi;
};

// The numbers of a private key on a curve, big-endian, each as long as a coordinate: likewise.
struct EcNumbers {
  EcCurve curve = EcCurve::kP256;
  SecretBytes x, y, d;
};

// The same key in PKCS #8 form. INVALID_ARGUMENT, saying why, if the numbers do not belong
// together, or are longer than those of any key that is taken. Weakness and limits are for
// RsaPrivateKey::ImportPkcs8() to find.
absl::StatusOr<SecretBytes> ToPkcs8(const RsaNumbers& numbers);
absl::StatusOr<SecretBytes> ToPkcs8(const EcNumbers& numbers);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_KEY_NUMBERS_H_
