#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/key_import.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/algorithms.h"
#include "services/key_vault/message_budget.h"

namespace keyward::key_vault {

// The most that one operation with AES encrypts, and the most associated data it takes.
inline constexpr size_t kMaxMessage = 64 << 10;

// The key of one version, ready for use: private, or public alone. Copies share it; thread-safe,
// and operations on it run side by side. Whoever calls an operation has seen that the algorithm
// suits the type (algorithms.h); those that the key cannot do, for that reason or for want of its
// private part, fail like all others.
class KeyMaterial {
 public:
  // A new key: tens of milliseconds for RSA of 2048 bits, up to seconds for 4096. INVALID_ARGUMENT
  // for a type that does not exist.
  static absl::StatusOr<KeyMaterial> Generate(keyvault::v1::KeyType type);

  // A key that somebody else made, or whose private part is elsewhere (hsm_keys.h); ToStored is not
  // for the latter.
  static KeyMaterial FromImported(crypto::ImportedKey key);

  // What ToStored returned for a key of that type; INVALID_ARGUMENT otherwise.
  static absl::StatusOr<KeyMaterial> FromStored(keyvault::v1::KeyType type,
                                                const crypto::SecretBytes& stored);

  // The form that the root key seals. RSA and EC with their private part: PKCS #8, whose first byte
  // is 0x30. Otherwise one byte that says what follows: 1, the 32 bytes of an AES key; 2, a public
  // key as SubjectPublicKeyInfo.
  crypto::SecretBytes ToStored() const;

  keyvault::v1::KeyType type() const;
  // Whether the private part is missing.
  bool public_only() const;
  // Empty for AES.
  std::string PublicKeyPem() const;

  // How many bytes the cipher encrypts at most; 0 if the key cannot use it.
  size_t MaxPlaintext(Cipher cipher) const;

  // INVALID_ARGUMENT if the plaintext has a size that the cipher does not take.
  absl::StatusOr<std::string> Encrypt(Cipher cipher, absl::string_view plaintext,
                                      absl::string_view associated_data) const;
  // INVALID_ARGUMENT for every failure; UNAVAILABLE if the key is in a token that is out of reach.
  absl::StatusOr<crypto::SecretBytes> Decrypt(Cipher cipher, absl::string_view ciphertext,
                                              absl::string_view associated_data) const;

  // `digest` is one by the scheme's hash. UNAVAILABLE as for Decrypt.
  absl::StatusOr<std::string> Sign(const SignatureScheme& scheme, absl::string_view digest) const;
  bool Verify(const SignatureScheme& scheme, absl::string_view digest,
              absl::string_view signature) const;

  // Of what is sealed with AES-GCM; null for other keys than AES.
  MessageBudget* message_budget() const;

 private:
  struct Aes;
  using Key = std::variant<crypto::RsaPrivateKey, crypto::RsaPublicKey, crypto::EcPrivateKey,
                           crypto::EcPublicKey, std::shared_ptr<Aes>>;

  explicit KeyMaterial(Key key) : key_(std::move(key)) {}

  // The part that is there of each kind; null if there is none.
  const crypto::RsaPublicKey* rsa_public() const;
  const crypto::RsaPrivateKey* rsa_private() const;
  const crypto::EcPublicKey* ec_public() const;
  const crypto::EcPrivateKey* ec_private() const;
  Aes* aes() const;

  Key key_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_MATERIAL_H_
