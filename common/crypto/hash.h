#ifndef KEYWARD_COMMON_CRYPTO_HASH_H_
#define KEYWARD_COMMON_CRYPTO_HASH_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace keyward::crypto {

enum class HashAlgorithm { kSha256, kSha384, kSha512 };

// The size of a digest in bytes: 32, 48 or 64.
size_t DigestSize(HashAlgorithm algorithm);

// The digest of `data`, as raw bytes.
std::string Digest(HashAlgorithm algorithm, absl::string_view data);

// Digest() with SHA-256.
std::string Sha256(absl::string_view data);

// The digest of data that comes in pieces. Not thread-safe.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm = HashAlgorithm::kSha256);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  // Adds the next bytes.
  void Update(absl::string_view data);

  // The digest of everything added since construction or the last Finish(); starts anew.
  std::string Finish();

 private:
  struct State;
  HashAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_HASH_H_
