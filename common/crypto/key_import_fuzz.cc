#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "common/crypto/key_import.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {
namespace {

// Whatever is taken is sound in its other form too.
struct Again {
  bool operator()(const RsaPrivateKey& key) const { return ImportPkcs8(key.ToPkcs8()).ok(); }
  bool operator()(const RsaPublicKey& key) const { return ImportSpki(key.ToSpkiDer()).ok(); }
  bool operator()(const EcPrivateKey& key) const { return ImportPkcs8(key.ToPkcs8()).ok(); }
  bool operator()(const EcPublicKey& key) const { return ImportSpki(key.ToSpkiDer()).ok(); }
  bool operator()(const AesKey& key) const { return key.bytes().size() == AesKey::kSize; }
};

}  // namespace
}  // namespace keyward::crypto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace keyward::crypto;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto jwk = ImportJwk(SecretBytes::CopyOf(input));
  if (jwk.ok() && !std::visit(Again(), jwk->key)) std::abort();
  const auto pkcs8 = ImportPkcs8(SecretBytes::CopyOf(input));
  if (pkcs8.ok() && !std::visit(Again(), *pkcs8)) std::abort();
  return 0;
}
