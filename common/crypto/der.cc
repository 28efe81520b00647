#include "common/crypto/der.h"

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/mem.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace keyward::crypto {
namespace {

constexpr absl::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----";
constexpr absl::string_view kPemEnd = "-----END PUBLIC KEY-----";
constexpr size_t kPemLine = 64;

CBS Reader(absl::string_view bytes) {
  CBS reader;
  CBS_init(&reader, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return reader;
}

// Running out of memory is the only way in which writing a key that exists can fail.
absl::string_view Written(CBB* writer) {
  if (!CBB_flush(writer)) std::abort();
  return absl::string_view(reinterpret_cast<const char*>(CBB_data(writer)), CBB_len(writer));
}

}  // namespace

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParseSpkiDer(absl::string_view der) {
  CBS reader = Reader(der);
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&reader));
  if (!key || CBS_len(&reader) != 0) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not a public key in SubjectPublicKeyInfo form");
  }
  return key;
}

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParseSpkiPem(absl::string_view pem) {
  absl::string_view body = absl::StripAsciiWhitespace(pem);
  std::string der;
  if (!absl::ConsumePrefix(&body, kPemBegin) || !absl::ConsumeSuffix(&body, kPemEnd) ||
      !absl::Base64Unescape(body, &der)) {
    return absl::InvalidArgumentError("not a public key in PEM form (BEGIN PUBLIC KEY)");
  }
  return ParseSpkiDer(der);
}

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> ParsePkcs8(const SecretBytes& der) {
  CBS reader = Reader(der.ExposeSecret());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_private_key(&reader));
  if (!key || CBS_len(&reader) != 0) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not a sound private key in PKCS #8 form (DER, unencrypted)");
  }
  return key;
}

std::string SpkiDer(const EVP_PKEY* key) {
  bssl::ScopedCBB writer;
  if (!CBB_init(writer.get(), 0) || !EVP_marshal_public_key(writer.get(), key)) std::abort();
  return std::string(Written(writer.get()));
}

std::string SpkiPem(const EVP_PKEY* key) {
  const std::string base64 = absl::Base64Escape(SpkiDer(key));
  std::string pem = absl::StrCat(kPemBegin, "\n");
  for (size_t i = 0; i < base64.size(); i += kPemLine) {
    absl::StrAppend(&pem, base64.substr(i, kPemLine), "\n");
  }
  absl::StrAppend(&pem, kPemEnd, "\n");
  return pem;
}

SecretBytes Pkcs8(const EVP_PKEY* key) {
  bssl::ScopedCBB writer;  // BoringSSL wipes what it frees
  if (!CBB_init(writer.get(), 0) || !EVP_marshal_private_key(writer.get(), key)) std::abort();
  return SecretBytes::CopyOf(Written(writer.get()));
}

}  // namespace keyward::crypto
