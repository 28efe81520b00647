#ifndef KEYWARD_SERVICES_KEY_VAULT_ALGORITHMS_H_
#define KEYWARD_SERVICES_KEY_VAULT_ALGORITHMS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/crypto/hash.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "keyward/keyvault/v1/keys.pb.h"

namespace keyward::key_vault {

// How something is encrypted or wrapped: what EncryptionAlgorithm and WrapAlgorithm mean.
enum class Cipher { kRsaOaep256, kRsaOaep, kAesKw, kAesKwp, kAesGcm };

// Nothing for an algorithm that is not set.
std::optional<Cipher> MeaningOf(keyvault::v1::EncryptionAlgorithm algorithm);
std::optional<Cipher> MeaningOf(keyvault::v1::WrapAlgorithm algorithm);

// Only AES-GCM does.
bool TakesAssociatedData(Cipher cipher);

// How a digest is signed: what SignatureAlgorithm means.
struct SignatureScheme {
  enum class Family { kRsaPkcs1, kRsaPss, kEcdsa };
  Family family = Family::kRsaPkcs1;
  // ECDSA: the hash of the one curve that goes with it.
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::kSha256;
};

// Nothing for an algorithm that is not set.
std::optional<SignatureScheme> MeaningOf(keyvault::v1::SignatureAlgorithm algorithm);

// Whether keys of a type can be used so.
bool Suits(keyvault::v1::KeyType type, Cipher cipher);
bool Suits(keyvault::v1::KeyType type, const SignatureScheme& scheme);

// The names of the values of an enumeration of algorithms that suit a type.
template <typename Algorithm>
std::vector<std::string> SuitableNames(keyvault::v1::KeyType type) {
  std::vector<std::string> names;
  const google::protobuf::EnumDescriptor& all = *google::protobuf::GetEnumDescriptor<Algorithm>();
  for (int i = 0; i < all.value_count(); ++i) {
    const auto meaning = MeaningOf(static_cast<Algorithm>(all.value(i)->number()));
    if (meaning.has_value() && Suits(type, *meaning)) names.push_back(all.value(i)->name());
  }
  return names;
}

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ALGORITHMS_H_
