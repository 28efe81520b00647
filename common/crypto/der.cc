#include "common/crypto/der.h"

#include <openssl/base64.h>
#include <openssl/bytestring.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/rsa.h>

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
constexpr absl::string_view kPemPrivateBegin = "-----BEGIN PRIVATE KEY-----";
constexpr absl::string_view kPemPrivateEnd = "-----END PRIVATE KEY-----";
constexpr size_t kPemLine = 64;

struct Explanation {
  int library;
  int reason;
  const char* text;
};

constexpr Explanation kExplanations[] = {
    {ERR_LIB_RSA, RSA_R_BAD_VERSION, "it has more than two primes"},
    {ERR_LIB_RSA, RSA_R_N_NOT_EQUAL_P_Q, "the modulus is not the product of the primes"},
    {ERR_LIB_RSA, RSA_R_D_E_NOT_CONGRUENT_TO_1,
     "the private exponent does not undo the public one"},
    {ERR_LIB_RSA, RSA_R_D_OUT_OF_RANGE, "the private exponent is not below the modulus"},
    {ERR_LIB_RSA, RSA_R_CRT_VALUES_INCORRECT, "the CRT parameters do not belong to the primes"},
    {ERR_LIB_RSA, RSA_R_BAD_E_VALUE, "the public exponent cannot be used"},
    {ERR_LIB_RSA, RSA_R_MODULUS_TOO_LARGE, "the modulus is too large"},
    {ERR_LIB_EC, EC_R_INVALID_PRIVATE_KEY, "the public part does not belong to the private part"},
    {ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE, "the public part is not a point of the curve"},
    {ERR_LIB_EC, EC_R_COORDINATES_OUT_OF_RANGE, "the public part is not a point of the curve"},
    {ERR_LIB_EC, EC_R_POINT_AT_INFINITY, "the public part is the point at infinity"},
    {ERR_LIB_EC, EC_R_UNKNOWN_GROUP, "the curve is none of P-256, P-384 and P-521"},
    {ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM, "the algorithm is neither RSA nor EC"},
};

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
    absl::Status status = absl::InvalidArgumentError(
        absl::StrCat("not a sound private key in PKCS #8 form (DER, unencrypted)", WhyNotSound()));
    ERR_clear_error();
    return status;
  }
  return key;
}

absl::StatusOr<SecretBytes> Pkcs8FromPem(absl::string_view pem) {
  absl::string_view body = absl::StripAsciiWhitespace(pem);
  if (!absl::ConsumePrefix(&body, kPemPrivateBegin) ||
      !absl::ConsumeSuffix(&body, kPemPrivateEnd)) {
    return absl::InvalidArgumentError(
        "not a private key in PEM form with the label PRIVATE KEY; \"openssl pkcs8 -topk8 "
        "-nocrypt\" "
        "makes one of others");
  }
  SecretBytes base64 = SecretBytes::Zeroed(body.size());
  size_t digits = 0;
  for (char c : body) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    base64.MutableSecret()[digits++] = static_cast<uint8_t>(c);
  }
  SecretBytes der = SecretBytes::Zeroed(digits / 4 * 3);
  size_t written = 0;
  if (digits == 0 || !EVP_DecodeBase64(der.MutableSecret().data(), &written, der.size(),
                                       base64.MutableSecret().data(), digits)) {
    return absl::InvalidArgumentError("the PEM of the private key is not base64");
  }
  der.Truncate(written);
  return der;
}

std::string WhyNotSound() {
  const uint32_t error = ERR_peek_error();
  for (const Explanation& explanation : kExplanations) {
    if (ERR_GET_LIB(error) == explanation.library && ERR_GET_REASON(error) == explanation.reason) {
      return absl::StrCat(": ", explanation.text);
    }
  }
  return "";
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
