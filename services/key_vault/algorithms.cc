#include "services/key_vault/algorithms.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using crypto::HashAlgorithm;
using Family = SignatureScheme::Family;

bool IsRsa(v1::KeyType type) {
  return type == v1::KEY_TYPE_RSA_2048 || type == v1::KEY_TYPE_RSA_3072 ||
         type == v1::KEY_TYPE_RSA_4096;
}

// The hash that goes with a curve; nothing for a type that is no curve.
std::optional<HashAlgorithm> HashOfCurve(v1::KeyType type) {
  switch (type) {
    case v1::KEY_TYPE_EC_P256:
      return HashAlgorithm::kSha256;
    case v1::KEY_TYPE_EC_P384:
      return HashAlgorithm::kSha384;
    case v1::KEY_TYPE_EC_P521:
      return HashAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Cipher> MeaningOf(v1::EncryptionAlgorithm algorithm) {
  switch (algorithm) {
    case v1::ENCRYPTION_ALGORITHM_RSA_OAEP_256:
      return Cipher::kRsaOaep256;
    case v1::ENCRYPTION_ALGORITHM_RSA_OAEP:
      return Cipher::kRsaOaep;
    case v1::ENCRYPTION_ALGORITHM_A256_GCM:
      return Cipher::kAesGcm;
    default:
      return std::nullopt;
  }
}

std::optional<Cipher> MeaningOf(v1::WrapAlgorithm algorithm) {
  switch (algorithm) {
    case v1::WRAP_ALGORITHM_RSA_OAEP_256:
      return Cipher::kRsaOaep256;
    case v1::WRAP_ALGORITHM_RSA_OAEP:
      return Cipher::kRsaOaep;
    case v1::WRAP_ALGORITHM_A256_KW:
      return Cipher::kAesKw;
    case v1::WRAP_ALGORITHM_A256_KWP:
      return Cipher::kAesKwp;
    case v1::WRAP_ALGORITHM_A256_GCM:
      return Cipher::kAesGcm;
    default:
      return std::nullopt;
  }
}

bool TakesAssociatedData(Cipher cipher) { return cipher == Cipher::kAesGcm; }

std::optional<SignatureScheme> MeaningOf(v1::SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case v1::SIGNATURE_ALGORITHM_RS256:
      return SignatureScheme{Family::kRsaPkcs1, HashAlgorithm::kSha256};
    case v1::SIGNATURE_ALGORITHM_RS384:
      return SignatureScheme{Family::kRsaPkcs1, HashAlgorithm::kSha384};
    case v1::SIGNATURE_ALGORITHM_RS512:
      return SignatureScheme{Family::kRsaPkcs1, HashAlgorithm::kSha512};
    case v1::SIGNATURE_ALGORITHM_PS256:
      return SignatureScheme{Family::kRsaPss, HashAlgorithm::kSha256};
    case v1::SIGNATURE_ALGORITHM_PS384:
      return SignatureScheme{Family::kRsaPss, HashAlgorithm::kSha384};
    case v1::SIGNATURE_ALGORITHM_PS512:
      return SignatureScheme{Family::kRsaPss, HashAlgorithm::kSha512};
    case v1::SIGNATURE_ALGORITHM_ES256:
      return SignatureScheme{Family::kEcdsa, HashAlgorithm::kSha256};
    case v1::SIGNATURE_ALGORITHM_ES384:
      return SignatureScheme{Family::kEcdsa, HashAlgorithm::kSha384};
    case v1::SIGNATURE_ALGORITHM_ES512:
      return SignatureScheme{Family::kEcdsa, HashAlgorithm::kSha512};
    default:
      return std::nullopt;
  }
}

bool Suits(v1::KeyType type, Cipher cipher) {
  switch (cipher) {
    case Cipher::kRsaOaep256:
    case Cipher::kRsaOaep:
      return IsRsa(type);
    case Cipher::kAesKw:
    case Cipher::kAesKwp:
    case Cipher::kAesGcm:
      return type == v1::KEY_TYPE_OCT_256;
  }
  return false;
}

bool Suits(v1::KeyType type, const SignatureScheme& scheme) {
  return scheme.family == Family::kEcdsa ? HashOfCurve(type) == scheme.hash : IsRsa(type);
}

}  // namespace keyward::key_vault
