#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"

namespace keyward::key_vault {

// The private key of one version, ready for use. Copies share it; thread-safe, and operations on it
// run side by side.
class KeyMaterial {
 public:
  // A new key: tens of milliseconds for RSA of 2048 bits, up to seconds for 4096. INVALID_ARGUMENT
  // for a type that does not exist.
  static absl::StatusOr<KeyMaterial> Generate(keyvault::v1::KeyType type);

  // What ToPkcs8 returned for a key of that type.
  static absl::StatusOr<KeyMaterial> FromPkcs8(keyvault::v1::KeyType type,
                                               const crypto::SecretBytes& der);

  // A key whose private part may be elsewhere (hsm_keys.h); ToPkcs8 is then not for it.
  static KeyMaterial FromPrivate(crypto::RsaPrivateKey key);
  static KeyMaterial FromPrivate(crypto::EcPrivateKey key);

  crypto::SecretBytes ToPkcs8() const;
  std::string PublicKeyPem() const;

  // How many bytes the algorithm wraps at most; 0 if the key cannot use it.
  size_t MaxPlaintext(keyvault::v1::WrapAlgorithm algorithm) const;

  // INVALID_ARGUMENT if the plaintext is longer, or the key cannot use the algorithm.
  absl::StatusOr<std::string> Wrap(keyvault::v1::WrapAlgorithm algorithm,
                                   absl::string_view plaintext) const;
  // INVALID_ARGUMENT for every failure, with nothing to tell them apart; UNAVAILABLE if the key is
  // in a token that is out of reach.
  absl::StatusOr<crypto::SecretBytes> Unwrap(keyvault::v1::WrapAlgorithm algorithm,
                                             absl::string_view ciphertext) const;

 private:
  using PrivateKey = std::variant<crypto::RsaPrivateKey, crypto::EcPrivateKey>;

  explicit KeyMaterial(PrivateKey key) : key_(std::move(key)) {}
  // The key, if it is one of RSA and can use the algorithm.
  const crypto::RsaPrivateKey* ForWrapping(keyvault::v1::WrapAlgorithm algorithm) const;

  PrivateKey key_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_
