#ifndef KEYWARD_COMMON_CRYPTO_RSA_H_
#define KEYWARD_COMMON_CRYPTO_RSA_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// The padding of a signature: PKCS #1 v1.5 is RS256/384/512; PSS, with MGF1 on the same hash and a
// salt as long as the digest, is PS256/384/512 (RFC 7518).
enum class RsaSignaturePadding { kPkcs1, kPss };

// The hash of OAEP, used for MGF1 too: SHA-256 is RSA-OAEP-256; SHA-1 is RSA-OAEP of RFC 7518,
// which exists for old peers alone.
enum class OaepHash { kSha256, kSha1 };

// An RSA public key with a modulus of 2048, 3072 or 4096 bits and an odd exponent of at least
// 65537. A value that is cheap to copy; thread-safe.
class RsaPublicKey {
 public:
  // Each returns INVALID_ARGUMENT, saying why, for any other key and for malformed input.
  static absl::StatusOr<RsaPublicKey> FromSpkiDer(absl::string_view der);
  static absl::StatusOr<RsaPublicKey> FromSpkiPem(absl::string_view pem);
  // Both big-endian, as the members n and e of a JWK after base64url decoding.
  static absl::StatusOr<RsaPublicKey> FromModulus(absl::string_view modulus,
                                                  absl::string_view exponent);

  // For a key that somebody brings: INVALID_ARGUMENT, saying why, if its modulus has a small
  // factor, is a prime, or comes from the generator of CVE-2017-15361. Takes milliseconds.
  absl::Status CheckImport() const;

  // The size of the modulus in bits, and of a ciphertext or signature in bytes.
  int bits() const;
  size_t size() const { return static_cast<size_t>(bits()) / 8; }

  // Big-endian without leading zeros: the members n and e of a JWK before base64url encoding.
  std::string modulus() const;
  std::string exponent() const;

  // SubjectPublicKeyInfo (RFC 5280).
  std::string ToSpkiDer() const;
  std::string ToSpkiPem() const;

  // RSA-OAEP without a label. INVALID_ARGUMENT if the plaintext is longer than MaxPlaintext().
  absl::StatusOr<std::string> Encrypt(absl::string_view plaintext,
                                      OaepHash hash = OaepHash::kSha256) const;
  size_t MaxPlaintext(OaepHash hash = OaepHash::kSha256) const;

  // OK if `signature` is one of `digest`, the raw digest of the message by `hash`; else
  // INVALID_ARGUMENT.
  absl::Status Verify(RsaSignaturePadding padding, HashAlgorithm hash, absl::string_view digest,
                      absl::string_view signature) const;

 private:
  friend class RsaPrivateKey;
  struct State;
  explicit RsaPublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

// The bare private operation of a key that is elsewhere: writes `in` to the power d modulo n to
// `out`. Both are big-endian and as long as the modulus, and `in` is smaller than it. Thread-safe.
using RsaPrivateTransform =
    std::function<absl::Status(absl::Span<const uint8_t> in, absl::Span<uint8_t> out)>;

// An RSA private key with two primes, under the limits of RsaPublicKey. Parsed once, then used from
// any number of threads; copies share it. BoringSSL holds the numbers in memory that it wipes when
// the last copy goes.
class RsaPrivateKey {
 public:
  // A new key by FIPS 186-4 with exponent 65537, pairwise tested: 2048, 3072 or 4096 bits, else
  // INVALID_ARGUMENT. Takes tens of milliseconds at 2048 bits, up to seconds at 4096.
  static absl::StatusOr<RsaPrivateKey> Generate(int bits);

  // A PKCS #8 key (DER, unencrypted) that ToPkcs8() wrote: INVALID_ARGUMENT if malformed,
  // inconsistent, followed by other bytes, multi-prime, or outside the limits.
  static absl::StatusOr<RsaPrivateKey> FromPkcs8(const SecretBytes& der);

  // FromPkcs8() for a key that somebody else made. Refuses also what only a broken generator makes:
  // factors that are not prime or are close together, a modulus with the fingerprint of
  // CVE-2017-15361. Takes some tens of milliseconds.
  static absl::StatusOr<RsaPrivateKey> ImportPkcs8(const SecretBytes& der);

  // A key whose private part is elsewhere, such as in a token: all but the bare private operation,
  // paddings among it, happens here. An error of `transform` is that of the operation.
  static RsaPrivateKey FromTransform(const RsaPublicKey& key, RsaPrivateTransform transform);

  // Not for keys that FromTransform made.
  SecretBytes ToPkcs8() const;

  const RsaPublicKey& public_key() const { return public_key_; }

  // RSA-OAEP without a label. Every failure is INVALID_ARGUMENT with one text.
  absl::StatusOr<SecretBytes> Decrypt(absl::string_view ciphertext,
                                      OaepHash hash = OaepHash::kSha256) const;

  // The signature of `digest`, the raw digest of a message by `hash`. INVALID_ARGUMENT if its size
  // is not that of the hash.
  absl::StatusOr<std::string> Sign(RsaSignaturePadding padding, HashAlgorithm hash,
                                   absl::string_view digest) const;

 private:
  explicit RsaPrivateKey(RsaPublicKey key) : public_key_(std::move(key)) {}

  // Its state holds the private part too; only this class uses that.
  RsaPublicKey public_key_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_RSA_H_
