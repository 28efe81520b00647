#ifndef KEYWARD_COMMON_CRYPTO_ECDSA_H_
#define KEYWARD_COMMON_CRYPTO_ECDSA_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The curves, each with the hash that JWS pairs it with: ES256, ES384, ES512.
enum class EcCurve { kP256, kP384, kP521 };

// SHA-256, SHA-384 or SHA-512.
HashAlgorithm HashFor(EcCurve curve);

// The size of a coordinate in bytes: 32, 48 or 66.
size_t FieldSize(EcCurve curve);

// A signature as r ‖ s, each as long as a coordinate (JWS), or as the DER of RFC 3279.
enum class EcSignatureFormat { kRaw, kDer };

// A public key on one of the curves, never the point at infinity. A value that is cheap to copy;
// thread-safe.
class EcPublicKey {
 public:
  // Each returns INVALID_ARGUMENT for malformed input and for what is no point of the curve.
  static absl::StatusOr<EcPublicKey> FromSpkiDer(absl::string_view der);
  static absl::StatusOr<EcPublicKey> FromSpkiPem(absl::string_view pem);
  // Big-endian, as long as FieldSize() says: the members x and y of a JWK after base64url decoding.
  static absl::StatusOr<EcPublicKey> FromCoordinates(EcCurve curve, absl::string_view x,
                                                     absl::string_view y);

  EcCurve curve() const;

  // Big-endian, FieldSize() bytes: the members x and y of a JWK before base64url encoding.
  std::string x() const;
  std::string y() const;

  // SubjectPublicKeyInfo (RFC 5280) with a named curve.
  std::string ToSpkiDer() const;
  std::string ToSpkiPem() const;

  // OK if `signature` is one of `digest`, a digest by HashFor(curve()); else INVALID_ARGUMENT.
  absl::Status Verify(absl::string_view digest, absl::string_view signature,
                      EcSignatureFormat format = EcSignatureFormat::kRaw) const;

 private:
  friend class EcPrivateKey;
  struct State;
  explicit EcPublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

// Signs with a key that is elsewhere: returns r ‖ s of a digest by the hash of its curve.
// Thread-safe.
using EcSigner = std::function<absl::StatusOr<std::string>(absl::string_view digest)>;

// A private key on one of the curves. Parsed once, then used from any number of threads; copies
// share it. BoringSSL holds the scalar in memory that it wipes when the last copy goes.
class EcPrivateKey {
 public:
  // A new key, pairwise tested as FIPS wants.
  static EcPrivateKey Generate(EcCurve curve);

  // A PKCS #8 key (DER, unencrypted). INVALID_ARGUMENT if malformed, inconsistent, followed by
  // other bytes, or on another curve.
  static absl::StatusOr<EcPrivateKey> FromPkcs8(const SecretBytes& der);

  // A key whose private part is elsewhere, such as in a token. Errors of `signer` are those of
  // Sign.
  static EcPrivateKey FromSigner(EcPublicKey key, EcSigner signer);

  // Not for keys that FromSigner made.
  SecretBytes ToPkcs8() const;

  const EcPublicKey& public_key() const { return public_key_; }

  // The signature of `digest`, a digest by HashFor(curve). INVALID_ARGUMENT if its size is not
  // that of the hash.
  absl::StatusOr<std::string> Sign(absl::string_view digest,
                                   EcSignatureFormat format = EcSignatureFormat::kRaw) const;

 private:
  explicit EcPrivateKey(EcPublicKey key) : public_key_(std::move(key)) {}

  absl::StatusOr<std::string> SignElsewhere(absl::string_view digest,
                                            EcSignatureFormat format) const;

  // Its state holds the private part too, if it is here; only this class uses that.
  EcPublicKey public_key_;
  std::shared_ptr<const EcSigner> signer_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_ECDSA_H_
