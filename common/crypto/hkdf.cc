#include "common/crypto/hkdf.h"

#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/hkdf.h>

#include <cstdint>
#include <utility>

namespace keyward::crypto {
namespace {

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

absl::StatusOr<SecretBytes> HkdfSha256(const SecretBytes& key_material, absl::string_view salt,
                                       absl::string_view info, size_t size) {
  SecretBytes derived = SecretBytes::Zeroed(size);
  if (!HKDF(derived.MutableSecret().data(), size, EVP_sha256(), Bytes(key_material.ExposeSecret()),
            key_material.size(), Bytes(salt), salt.size(), Bytes(info), info.size())) {
    ERR_clear_error();
    return absl::InvalidArgumentError("HKDF-SHA256 derives at most 8160 bytes");
  }
  return derived;
}

}  // namespace keyward::crypto
