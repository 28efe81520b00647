#include "common/crypto/key_numbers.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/der.h"

namespace keyward::crypto {
namespace {

constexpr size_t kMaxSize = 1024;  // twice the largest modulus

bssl::UniquePtr<BIGNUM> Number(const SecretBytes& bytes) {
  const absl::string_view view = bytes.ExposeSecret();
  bssl::UniquePtr<BIGNUM> number(
      BN_bin2bn(reinterpret_cast<const uint8_t*>(view.data()), view.size(), nullptr));
  if (!number) std::abort();
  return number;
}

absl::Status Unsound(absl::string_view what) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(what, WhyNotSound()));
  ERR_clear_error();
  return status;
}

int Nid(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return NID_X9_62_prime256v1;
    case EcCurve::kP384:
      return NID_secp384r1;
    case EcCurve::kP521:
      return NID_secp521r1;
  }
  std::abort();
}

bssl::UniquePtr<EVP_PKEY> NewPkey() {
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (!key) std::abort();
  return key;
}

}  // namespace

absl::StatusOr<SecretBytes> ToPkcs8(const RsaNumbers& numbers) {
  for (const SecretBytes* number : {&numbers.n, &numbers.e, &numbers.d, &numbers.p, &numbers.q,
                                    &numbers.dp, &numbers.dq, &numbers.qi}) {
    if (number->size() > kMaxSize) {
      return absl::InvalidArgumentError("a number of the RSA key is too long");
    }
  }
  bssl::UniquePtr<RSA> rsa(RSA_new());
  if (!rsa ||
      !RSA_set0_key(rsa.get(), Number(numbers.n).release(), Number(numbers.e).release(),
                    Number(numbers.d).release()) ||
      !RSA_set0_factors(rsa.get(), Number(numbers.p).release(), Number(numbers.q).release()) ||
      !RSA_set0_crt_params(rsa.get(), Number(numbers.dp).release(), Number(numbers.dq).release(),
                           Number(numbers.qi).release())) {
    std::abort();
  }
  if (!RSA_check_key(rsa.get())) return Unsound("not a sound RSA private key");
  bssl::UniquePtr<EVP_PKEY> key = NewPkey();
  if (!EVP_PKEY_set1_RSA(key.get(), rsa.get())) std::abort();
  return Pkcs8(key.get());
}

absl::StatusOr<SecretBytes> ToPkcs8(const EcNumbers& numbers) {
  const size_t size = FieldSize(numbers.curve);
  if (numbers.x.size() != size || numbers.y.size() != size || numbers.d.size() != size) {
    return absl::InvalidArgumentError(
        absl::StrCat("the numbers of a key on this curve have ", size, " bytes each"));
  }
  bssl::UniquePtr<EC_KEY> ec_key(EC_KEY_new_by_curve_name(Nid(numbers.curve)));
  if (!ec_key) std::abort();
  if (!EC_KEY_set_public_key_affine_coordinates(ec_key.get(), Number(numbers.x).get(),
                                                Number(numbers.y).get()) ||
      !EC_KEY_set_private_key(ec_key.get(), Number(numbers.d).get()) ||
      !EC_KEY_check_key(ec_key.get())) {
    return Unsound("not a sound elliptic-curve private key");
  }
  bssl::UniquePtr<EVP_PKEY> key = NewPkey();
  if (!EVP_PKEY_set1_EC_KEY(key.get(), ec_key.get())) std::abort();
  return Pkcs8(key.get());
}

}  // namespace keyward::crypto
