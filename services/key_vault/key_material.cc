#include "services/key_vault/key_material.h"

#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/aes_kw.h"
#include "common/status/status_macros.h"
#include "services/key_vault/key_types.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using crypto::SecretBytes;

// The first byte of what is stored, where it is not PKCS #8.
constexpr char kStoredAes = 1;
constexpr char kStoredPublic = 2;

v1::KeyType RsaType(int bits) {
  switch (bits) {
    case 2048:
      return v1::KEY_TYPE_RSA_2048;
    case 3072:
      return v1::KEY_TYPE_RSA_3072;
    default:
      return v1::KEY_TYPE_RSA_4096;
  }
}

v1::KeyType EcType(crypto::EcCurve curve) {
  switch (curve) {
    case crypto::EcCurve::kP256:
      return v1::KEY_TYPE_EC_P256;
    case crypto::EcCurve::kP384:
      return v1::KEY_TYPE_EC_P384;
    case crypto::EcCurve::kP521:
      return v1::KEY_TYPE_EC_P521;
  }
  return v1::KEY_TYPE_UNSPECIFIED;
}

crypto::OaepHash Oaep(Cipher cipher) {
  return cipher == Cipher::kRsaOaep ? crypto::OaepHash::kSha1 : crypto::OaepHash::kSha256;
}

crypto::RsaSignaturePadding Padding(const SignatureScheme& scheme) {
  return scheme.family == SignatureScheme::Family::kRsaPss ? crypto::RsaSignaturePadding::kPss
                                                           : crypto::RsaSignaturePadding::kPkcs1;
}

SecretBytes Tagged(char tag, absl::string_view bytes) {
  SecretBytes tagged = SecretBytes::Zeroed(1 + bytes.size());
  tagged.MutableSecret()[0] = static_cast<uint8_t>(tag);
  for (size_t i = 0; i < bytes.size(); ++i) {
    tagged.MutableSecret()[1 + i] = static_cast<uint8_t>(bytes[i]);
  }
  return tagged;
}

absl::Status NoSuchType() { return absl::InvalidArgumentError("no such key type"); }

absl::Status NotForThisKey() {
  return absl::InvalidArgumentError("the key cannot use this algorithm");
}

}  // namespace

struct KeyMaterial::Aes {
  explicit Aes(crypto::AesKey aes_key) : key(std::move(aes_key)), gcm(key) {}

  const crypto::AesKey key;
  const crypto::AesGcmAead gcm;
  MessageBudget budget;
};

absl::StatusOr<KeyMaterial> KeyMaterial::Generate(v1::KeyType type) {
  if (const int bits = RsaBits(type); bits != 0) {
    KW_ASSIGN_OR_RETURN(crypto::RsaPrivateKey key, crypto::RsaPrivateKey::Generate(bits));
    return KeyMaterial(std::move(key));
  }
  if (const std::optional<crypto::EcCurve> curve = Curve(type); curve.has_value()) {
    return KeyMaterial(crypto::EcPrivateKey::Generate(*curve));
  }
  if (type == v1::KEY_TYPE_OCT_256) {
    return KeyMaterial(std::make_shared<Aes>(crypto::AesKey::Generate()));
  }
  return NoSuchType();
}

KeyMaterial KeyMaterial::FromImported(crypto::ImportedKey key) {
  return std::visit(
      [](auto&& imported) {
        using T = std::decay_t<decltype(imported)>;
        if constexpr (std::is_same_v<T, crypto::AesKey>) {
          return KeyMaterial(std::make_shared<Aes>(std::move(imported)));
        } else {
          return KeyMaterial(std::move(imported));
        }
      },
      std::move(key));
}

absl::StatusOr<KeyMaterial> KeyMaterial::FromStored(v1::KeyType type, const SecretBytes& stored) {
  const absl::string_view bytes = stored.ExposeSecret();
  std::optional<KeyMaterial> key;
  if (!bytes.empty() && bytes[0] == kStoredAes) {
    KW_ASSIGN_OR_RETURN(crypto::AesKey aes,
                        crypto::AesKey::Create(SecretBytes::CopyOf(bytes.substr(1))));
    key = KeyMaterial(std::make_shared<Aes>(std::move(aes)));
  } else if (!bytes.empty() && bytes[0] == kStoredPublic) {
    KW_ASSIGN_OR_RETURN(crypto::ImportedKey spki, crypto::ImportSpki(bytes.substr(1)));
    key = FromImported(std::move(spki));
  } else if (RsaBits(type) != 0) {
    KW_ASSIGN_OR_RETURN(crypto::RsaPrivateKey rsa, crypto::RsaPrivateKey::FromPkcs8(stored));
    key = KeyMaterial(std::move(rsa));
  } else if (Curve(type).has_value()) {
    KW_ASSIGN_OR_RETURN(crypto::EcPrivateKey ec, crypto::EcPrivateKey::FromPkcs8(stored));
    key = KeyMaterial(std::move(ec));
  }
  if (!key.has_value() || key->type() != type) return NoSuchType();
  return *std::move(key);
}

SecretBytes KeyMaterial::ToStored() const {
  if (const Aes* key = aes()) return Tagged(kStoredAes, key->key.bytes().ExposeSecret());
  if (const crypto::RsaPrivateKey* key = rsa_private()) return key->ToPkcs8();
  if (const crypto::EcPrivateKey* key = ec_private()) return key->ToPkcs8();
  if (const crypto::RsaPublicKey* key = rsa_public())
    return Tagged(kStoredPublic, key->ToSpkiDer());
  return Tagged(kStoredPublic, ec_public()->ToSpkiDer());
}

v1::KeyType KeyMaterial::type() const {
  if (const crypto::RsaPublicKey* key = rsa_public()) return RsaType(key->bits());
  if (const crypto::EcPublicKey* key = ec_public()) return EcType(key->curve());
  return v1::KEY_TYPE_OCT_256;
}

bool KeyMaterial::public_only() const {
  return std::holds_alternative<crypto::RsaPublicKey>(key_) ||
         std::holds_alternative<crypto::EcPublicKey>(key_);
}

std::string KeyMaterial::PublicKeyPem() const {
  if (const crypto::RsaPublicKey* key = rsa_public()) return key->ToSpkiPem();
  if (const crypto::EcPublicKey* key = ec_public()) return key->ToSpkiPem();
  return "";
}

size_t KeyMaterial::MaxPlaintext(Cipher cipher) const {
  if (!Suits(type(), cipher)) return 0;
  const crypto::RsaPublicKey* rsa = rsa_public();
  return rsa == nullptr ? kMaxMessage : rsa->MaxPlaintext(Oaep(cipher));
}

absl::StatusOr<std::string> KeyMaterial::Encrypt(Cipher cipher, absl::string_view plaintext,
                                                 absl::string_view associated_data) const {
  if (!Suits(type(), cipher)) return NotForThisKey();
  switch (cipher) {
    case Cipher::kRsaOaep256:
    case Cipher::kRsaOaep:
      return rsa_public()->Encrypt(plaintext, Oaep(cipher));
    case Cipher::kAesKw:
      return crypto::AesKwWrap(aes()->key.bytes(), SecretBytes::CopyOf(plaintext));
    case Cipher::kAesKwp:
      return crypto::AesKwpWrap(aes()->key.bytes(), SecretBytes::CopyOf(plaintext));
    case Cipher::kAesGcm:
      return aes()->gcm.Seal(plaintext, associated_data);
  }
  return NotForThisKey();
}

absl::StatusOr<SecretBytes> KeyMaterial::Decrypt(Cipher cipher, absl::string_view ciphertext,
                                                 absl::string_view associated_data) const {
  if (!Suits(type(), cipher) || public_only()) return NotForThisKey();
  switch (cipher) {
    case Cipher::kRsaOaep256:
    case Cipher::kRsaOaep:
      return rsa_private()->Decrypt(ciphertext, Oaep(cipher));
    case Cipher::kAesKw:
      return crypto::AesKwUnwrap(aes()->key.bytes(), ciphertext);
    case Cipher::kAesKwp:
      return crypto::AesKwpUnwrap(aes()->key.bytes(), ciphertext);
    case Cipher::kAesGcm:
      return aes()->gcm.Open(ciphertext, associated_data);
  }
  return NotForThisKey();
}

absl::StatusOr<std::string> KeyMaterial::Sign(const SignatureScheme& scheme,
                                              absl::string_view digest) const {
  if (!Suits(type(), scheme) || public_only()) return NotForThisKey();
  if (const crypto::EcPrivateKey* ec = ec_private()) return ec->Sign(digest);
  return rsa_private()->Sign(Padding(scheme), scheme.hash, digest);
}

bool KeyMaterial::Verify(const SignatureScheme& scheme, absl::string_view digest,
                         absl::string_view signature) const {
  if (!Suits(type(), scheme)) return false;
  if (const crypto::EcPublicKey* ec = ec_public()) return ec->Verify(digest, signature).ok();
  return rsa_public()->Verify(Padding(scheme), scheme.hash, digest, signature).ok();
}

MessageBudget* KeyMaterial::message_budget() const {
  Aes* key = aes();
  return key == nullptr ? nullptr : &key->budget;
}

const crypto::RsaPublicKey* KeyMaterial::rsa_public() const {
  const crypto::RsaPrivateKey* key = rsa_private();
  return key == nullptr ? std::get_if<crypto::RsaPublicKey>(&key_) : &key->public_key();
}

const crypto::RsaPrivateKey* KeyMaterial::rsa_private() const {
  return std::get_if<crypto::RsaPrivateKey>(&key_);
}

const crypto::EcPublicKey* KeyMaterial::ec_public() const {
  const crypto::EcPrivateKey* key = ec_private();
  return key == nullptr ? std::get_if<crypto::EcPublicKey>(&key_) : &key->public_key();
}

const crypto::EcPrivateKey* KeyMaterial::ec_private() const {
  return std::get_if<crypto::EcPrivateKey>(&key_);
}

KeyMaterial::Aes* KeyMaterial::aes() const {
  const auto* key = std::get_if<std::shared_ptr<Aes>>(&key_);
  return key == nullptr ? nullptr : key->get();
}

}  // namespace keyward::key_vault
