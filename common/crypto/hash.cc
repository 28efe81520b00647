#include "common/crypto/hash.h"

#include <openssl/digest.h>

#include <cstdint>
#include <cstdlib>

#include "common/crypto/evp_hash.h"

namespace keyward::crypto {

const EVP_MD* EvpHash(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    case HashAlgorithm::kSha512:
      return EVP_sha512();
  }
  std::abort();
}

struct Hasher::State {
  bssl::ScopedEVP_MD_CTX context;
};

size_t DigestSize(HashAlgorithm algorithm) { return EVP_MD_size(EvpHash(algorithm)); }

std::string Digest(HashAlgorithm algorithm, absl::string_view data) {
  std::string digest(DigestSize(algorithm), '\0');
  if (!EVP_Digest(data.data(), data.size(), reinterpret_cast<uint8_t*>(digest.data()), nullptr,
                  EvpHash(algorithm), nullptr)) {
    std::abort();
  }
  return digest;
}

std::string Sha256(absl::string_view data) { return Digest(HashAlgorithm::kSha256, data); }

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>()) {
  if (!EVP_DigestInit_ex(state_->context.get(), EvpHash(algorithm), nullptr)) std::abort();
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(absl::string_view data) {
  if (!EVP_DigestUpdate(state_->context.get(), data.data(), data.size())) std::abort();
}

std::string Hasher::Finish() {
  std::string digest(DigestSize(algorithm_), '\0');
  if (!EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<uint8_t*>(digest.data()),
                          nullptr) ||
      !EVP_DigestInit_ex(state_->context.get(), EvpHash(algorithm_), nullptr)) {
    std::abort();
  }
  return digest;
}

}  // namespace keyward::crypto
