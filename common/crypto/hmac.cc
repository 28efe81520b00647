#include "common/crypto/hmac.h"

#include <openssl/hmac.h>

#include <cstdint>
#include <cstdlib>

#include "common/crypto/evp_hash.h"

namespace keyward::crypto {

std::string Hmac(HashAlgorithm algorithm, const SecretBytes& key, absl::string_view data) {
  std::string mac(DigestSize(algorithm), '\0');
  unsigned int size = 0;
  if (HMAC(EvpHash(algorithm), key.ExposeSecret().data(), key.size(),
           reinterpret_cast<const uint8_t*>(data.data()), data.size(),
           reinterpret_cast<uint8_t*>(mac.data()), &size) == nullptr) {
    std::abort();
  }
  return mac;
}

}  // namespace keyward::crypto
