#include "common/crypto/secret_bytes.h"

#include <openssl/mem.h>

#include <cassert>
#include <cstring>
#include <ostream>
#include <utility>

#include "common/crypto/random.h"
#include "common/crypto/secret_memory.h"

namespace keyward::crypto {

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Free();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

SecretBytes SecretBytes::Zeroed(size_t size) { return SecretBytes(AllocateSecret(size), size); }

SecretBytes SecretBytes::Random(size_t size) {
  SecretBytes secret = Zeroed(size);
  FillRandom(secret.MutableSecret());
  return secret;
}

SecretBytes SecretBytes::CopyOf(absl::string_view bytes) {
  SecretBytes secret = Zeroed(bytes.size());
  if (!bytes.empty()) std::memcpy(secret.data_, bytes.data(), bytes.size());
  return secret;
}

SecretBytes SecretBytes::TakeFrom(std::string& bytes) {
  SecretBytes secret = CopyOf(bytes);
  WipeMemory(bytes.data(), bytes.size());
  bytes.clear();
  return secret;
}

void SecretBytes::Truncate(size_t size) {
  assert(size <= size_);
  if (size >= size_) return;
  WipeMemory(data_ + size, size_ - size);
  size_ = size;
}

bool operator==(const SecretBytes& a, const SecretBytes& b) {
  return ConstantTimeEquals(a.ExposeSecret(), b.ExposeSecret());
}

void PrintTo(const SecretBytes&, std::ostream* out) { *out << "<secret>"; }

void SecretBytes::Free() {
  FreeSecret(data_, capacity_);
  data_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace keyward::crypto
