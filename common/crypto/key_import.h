#ifndef KEYWARD_COMMON_CRYPTO_KEY_IMPORT_H_
#define KEYWARD_COMMON_CRYPTO_KEY_IMPORT_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// Keys that somebody else made, in the forms in which keys travel. Each function returns
// INVALID_ARGUMENT, saying what is wrong and never what the key is, for all that is not one sound
// key within the limits of RsaPublicKey, EcPublicKey and AesKey: RSA with more than two primes or
// with the weaknesses that RsaPrivateKey::ImportPkcs8() looks for, parts that do not belong
// together, points off the curve, other curves and sizes, anything after the key. A private RSA key
// takes some tens of milliseconds.

using ImportedKey = std::variant<RsaPrivateKey, RsaPublicKey, EcPrivateKey, EcPublicKey, AesKey>;

// A private key in PKCS #8 form (RFC 5208), not encrypted: DER, or PEM with the label PRIVATE KEY.
absl::StatusOr<ImportedKey> ImportPkcs8(const SecretBytes& der_or_pem);

// A public key in SubjectPublicKeyInfo form (RFC 5280): DER, or PEM with the label PUBLIC KEY.
absl::StatusOr<ImportedKey> ImportSpki(absl::string_view der_or_pem);

struct ImportedJwk {
  ImportedKey key;
  // The member key_ops; empty if there is none.
  std::vector<std::string> key_ops;
};

// A JSON Web Key (RFC 7517, 7518): kty "RSA" with n and e and, if private, all of d p q dp dq qi;
// "EC" with crv x y and, if private, d; "oct" with k of 32 bytes. The JSON is strict
// (strict_json.h), so is base64url. Members that mean nothing here (kid, alg, use …) are ignored,
// as RFC 7517 wants it. What the JSON library copies while it parses lies in plain memory until it
// is freed; the members are wiped.
absl::StatusOr<ImportedJwk> ImportJwk(const SecretBytes& json);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_KEY_IMPORT_H_
