#include "common/crypto/aes_kw.h"

#include <openssl/aes.h>
#include <openssl/err.h>

#include <cstddef>
#include <cstdint>

#include "common/crypto/secret_memory.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

constexpr size_t kBlock = 8;
constexpr size_t kMaxSecret = 1 << 20;  // far above any key, far below the limits of the format

enum class Direction { kWrap, kUnwrap };

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status SizeError(absl::string_view message) { return absl::InvalidArgumentError(message); }

absl::Status UnwrapError() {
  ERR_clear_error();
  return absl::InvalidArgumentError("unwrapping failed: the wrapped key is not authentic");
}

absl::StatusOr<SecretPtr<AES_KEY>> Expand(const SecretBytes& key, Direction direction) {
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    return SizeError("a wrapping key has 16, 24 or 32 bytes");
  }
  auto expanded = MakeSecret<AES_KEY>();
  const auto bits = static_cast<unsigned>(key.size() * 8);
  const uint8_t* bytes = Bytes(key.ExposeSecret());
  const int failed = direction == Direction::kWrap
                         ? AES_set_encrypt_key(bytes, bits, expanded.get())
                         : AES_set_decrypt_key(bytes, bits, expanded.get());
  if (failed != 0) return absl::InternalError("the AES key could not be expanded");
  return expanded;
}

}  // namespace

absl::StatusOr<std::string> AesKwWrap(const SecretBytes& wrapping_key, const SecretBytes& secret) {
  if (secret.size() < 2 * kBlock || secret.size() % kBlock != 0 || secret.size() > kMaxSecret) {
    return SizeError("AES-KW wraps at least 16 bytes, a multiple of 8");
  }
  KW_ASSIGN_OR_RETURN(auto key, Expand(wrapping_key, Direction::kWrap));
  std::string wrapped(secret.size() + kBlock, '\0');
  if (AES_wrap_key(key.get(), nullptr, Bytes(wrapped), Bytes(secret.ExposeSecret()),
                   secret.size()) < 0) {
    return absl::InternalError("AES-KW could not wrap");
  }
  return wrapped;
}

absl::StatusOr<SecretBytes> AesKwUnwrap(const SecretBytes& wrapping_key,
                                        absl::string_view wrapped) {
  KW_ASSIGN_OR_RETURN(auto key, Expand(wrapping_key, Direction::kUnwrap));
  if (wrapped.size() < 3 * kBlock || wrapped.size() % kBlock != 0 ||
      wrapped.size() > kMaxSecret + kBlock) {
    return UnwrapError();
  }
  SecretBytes secret = SecretBytes::Zeroed(wrapped.size() - kBlock);
  if (AES_unwrap_key(key.get(), nullptr, secret.MutableSecret().data(), Bytes(wrapped),
                     wrapped.size()) < 0) {
    return UnwrapError();
  }
  return secret;
}

absl::StatusOr<std::string> AesKwpWrap(const SecretBytes& wrapping_key, const SecretBytes& secret) {
  if (secret.empty() || secret.size() > kMaxSecret) {
    return SizeError("AES-KWP wraps at least 1 byte and at most 1 MiB");
  }
  KW_ASSIGN_OR_RETURN(auto key, Expand(wrapping_key, Direction::kWrap));
  std::string wrapped((secret.size() + kBlock - 1) / kBlock * kBlock + kBlock, '\0');
  size_t written = 0;
  if (!AES_wrap_key_padded(key.get(), Bytes(wrapped), &written, wrapped.size(),
                           Bytes(secret.ExposeSecret()), secret.size()) ||
      written != wrapped.size()) {
    return absl::InternalError("AES-KWP could not wrap");
  }
  return wrapped;
}

absl::StatusOr<SecretBytes> AesKwpUnwrap(const SecretBytes& wrapping_key,
                                         absl::string_view wrapped) {
  KW_ASSIGN_OR_RETURN(auto key, Expand(wrapping_key, Direction::kUnwrap));
  if (wrapped.size() > kMaxSecret + 2 * kBlock) return UnwrapError();
  SecretBytes secret = SecretBytes::Zeroed(wrapped.size());
  size_t written = 0;
  if (!AES_unwrap_key_padded(key.get(), secret.MutableSecret().data(), &written, secret.size(),
                             Bytes(wrapped), wrapped.size())) {
    return UnwrapError();
  }
  secret.Truncate(written);
  return secret;
}

}  // namespace keyward::crypto
