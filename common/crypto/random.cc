#include "common/crypto/random.h"

#include <openssl/rand.h>

#include "absl/strings/escaping.h"

namespace keyward::crypto {

// RAND_bytes() of BoringSSL either succeeds or aborts, so its result says nothing.
void FillRandom(absl::Span<uint8_t> out) { RAND_bytes(out.data(), out.size()); }

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  FillRandom(absl::MakeSpan(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()));
  return bytes;
}

std::string RandomHex(size_t bytes) { return absl::BytesToHexString(RandomBytes(bytes)); }

}  // namespace keyward::crypto
