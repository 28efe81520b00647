#include "common/crypto/aes_gcm.h"

#include <openssl/aead.h>
#include <openssl/err.h>

#include <cstdlib>
#include <utility>

#include "common/crypto/random.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status OpenError() {
  return absl::InvalidArgumentError("decryption failed: the ciphertext is not authentic");
}

}  // namespace

struct AesGcmCipher::State {
  explicit State(const AesKey& key) {
    if (!EVP_AEAD_CTX_init(&context, EVP_aead_aes_256_gcm(), Bytes(key.bytes().ExposeSecret()),
                           key.bytes().size(), kGcmTagSize, nullptr)) {
      std::abort();
    }
  }
  ~State() { EVP_AEAD_CTX_cleanup(&context); }

  EVP_AEAD_CTX context;
};

AesGcmCipher::AesGcmCipher(const AesKey& key) : state_(MakeSecret<State>(key)) {}
AesGcmCipher::~AesGcmCipher() = default;
AesGcmCipher::AesGcmCipher(AesGcmCipher&&) noexcept = default;
AesGcmCipher& AesGcmCipher::operator=(AesGcmCipher&&) noexcept = default;

absl::Status AesGcmCipher::Seal(absl::string_view nonce, absl::string_view plaintext,
                                absl::string_view associated_data, absl::Span<uint8_t> out) const {
  size_t written = 0;
  if (nonce.size() != kGcmNonceSize || out.size() != plaintext.size() + kGcmTagSize ||
      !EVP_AEAD_CTX_seal(&state_->context, out.data(), &written, out.size(), Bytes(nonce),
                         nonce.size(), Bytes(plaintext), plaintext.size(), Bytes(associated_data),
                         associated_data.size()) ||
      written != out.size()) {
    ERR_clear_error();
    return absl::InternalError("AES-GCM was called with sizes that it does not take");
  }
  return absl::OkStatus();
}

absl::Status AesGcmCipher::Open(absl::string_view nonce, absl::string_view ciphertext,
                                absl::string_view associated_data, absl::Span<uint8_t> out) const {
  if (nonce.size() != kGcmNonceSize || ciphertext.size() != out.size() + kGcmTagSize) {
    return absl::InternalError("AES-GCM was called with sizes that it does not take");
  }
  size_t written = 0;
  if (!EVP_AEAD_CTX_open(&state_->context, out.data(), &written, out.size(), Bytes(nonce),
                         nonce.size(), Bytes(ciphertext), ciphertext.size(), Bytes(associated_data),
                         associated_data.size())) {
    ERR_clear_error();
    WipeMemory(out.data(), out.size());
    return OpenError();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> AesGcmAead::Seal(absl::string_view plaintext,
                                             absl::string_view associated_data) const {
  if (sealed_.fetch_add(1, std::memory_order_relaxed) >= kMessageLimit) {
    return absl::ResourceExhaustedError("the key has sealed as many messages as it may: rotate it");
  }
  std::string sealed(plaintext.size() + kOverhead, '\0');
  auto bytes = absl::MakeSpan(reinterpret_cast<uint8_t*>(sealed.data()), sealed.size());
  FillRandom(bytes.first(kGcmNonceSize));
  KW_RETURN_IF_ERROR(cipher_.Seal(absl::string_view(sealed).substr(0, kGcmNonceSize), plaintext,
                                  associated_data, bytes.subspan(kGcmNonceSize)));
  return sealed;
}

absl::StatusOr<SecretBytes> AesGcmAead::Open(absl::string_view ciphertext,
                                             absl::string_view associated_data) const {
  if (ciphertext.size() < kOverhead) return OpenError();
  SecretBytes plaintext = SecretBytes::Zeroed(ciphertext.size() - kOverhead);
  KW_RETURN_IF_ERROR(cipher_.Open(ciphertext.substr(0, kGcmNonceSize),
                                  ciphertext.substr(kGcmNonceSize), associated_data,
                                  plaintext.MutableSecret()));
  return plaintext;
}

}  // namespace keyward::crypto
