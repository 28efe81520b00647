#include "services/key_vault/key_material.h"

#include <optional>

#include "absl/status/status.h"
#include "common/status/status_macros.h"
#include "services/key_vault/key_types.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

absl::Status NoSuchType() { return absl::InvalidArgumentError("no such key type"); }

absl::Status NotForThisKey() {
  return absl::InvalidArgumentError("the key cannot use this algorithm");
}

}  // namespace

absl::StatusOr<KeyMaterial> KeyMaterial::Generate(v1::KeyType type) {
  if (const int bits = RsaBits(type); bits != 0) {
    KW_ASSIGN_OR_RETURN(crypto::RsaPrivateKey key, crypto::RsaPrivateKey::Generate(bits));
    return KeyMaterial(std::move(key));
  }
  if (const std::optional<crypto::EcCurve> curve = Curve(type); curve.has_value()) {
    return KeyMaterial(crypto::EcPrivateKey::Generate(*curve));
  }
  return NoSuchType();
}

absl::StatusOr<KeyMaterial> KeyMaterial::FromPkcs8(v1::KeyType type,
                                                   const crypto::SecretBytes& der) {
  if (const int bits = RsaBits(type); bits != 0) {
    KW_ASSIGN_OR_RETURN(crypto::RsaPrivateKey key, crypto::RsaPrivateKey::FromPkcs8(der));
    if (key.public_key().bits() != bits) return NoSuchType();
    return KeyMaterial(std::move(key));
  }
  if (const std::optional<crypto::EcCurve> curve = Curve(type); curve.has_value()) {
    KW_ASSIGN_OR_RETURN(crypto::EcPrivateKey key, crypto::EcPrivateKey::FromPkcs8(der));
    if (key.public_key().curve() != *curve) return NoSuchType();
    return KeyMaterial(std::move(key));
  }
  return NoSuchType();
}

KeyMaterial KeyMaterial::FromPrivate(crypto::RsaPrivateKey key) {
  return KeyMaterial(std::move(key));
}

KeyMaterial KeyMaterial::FromPrivate(crypto::EcPrivateKey key) {
  return KeyMaterial(std::move(key));
}

crypto::SecretBytes KeyMaterial::ToPkcs8() const {
  return std::visit([](const auto& key) { return key.ToPkcs8(); }, key_);
}

std::string KeyMaterial::PublicKeyPem() const {
  return std::visit([](const auto& key) { return key.public_key().ToSpkiPem(); }, key_);
}

const crypto::RsaPrivateKey* KeyMaterial::ForWrapping(v1::WrapAlgorithm algorithm) const {
  if (algorithm != v1::WRAP_ALGORITHM_RSA_OAEP_256) return nullptr;
  return std::get_if<crypto::RsaPrivateKey>(&key_);
}

size_t KeyMaterial::MaxPlaintext(v1::WrapAlgorithm algorithm) const {
  const crypto::RsaPrivateKey* key = ForWrapping(algorithm);
  return key == nullptr ? 0 : key->public_key().MaxPlaintext();
}

absl::StatusOr<std::string> KeyMaterial::Wrap(v1::WrapAlgorithm algorithm,
                                              absl::string_view plaintext) const {
  const crypto::RsaPrivateKey* key = ForWrapping(algorithm);
  if (key == nullptr) return NotForThisKey();
  return key->public_key().Encrypt(plaintext);
}

absl::StatusOr<crypto::SecretBytes> KeyMaterial::Unwrap(v1::WrapAlgorithm algorithm,
                                                        absl::string_view ciphertext) const {
  const crypto::RsaPrivateKey* key = ForWrapping(algorithm);
  if (key == nullptr) return NotForThisKey();
  return key->Decrypt(ciphertext);
}

}  // namespace keyward::key_vault
