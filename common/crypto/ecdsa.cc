#include "common/crypto/ecdsa.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/nid.h>

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "common/crypto/der.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status Failure(absl::string_view message) {
  ERR_clear_error();
  return absl::InvalidArgumentError(message);
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

std::optional<EcCurve> CurveOf(const EC_KEY* key) {
  const int nid = EC_GROUP_get_curve_name(EC_KEY_get0_group(key));
  for (EcCurve curve : {EcCurve::kP256, EcCurve::kP384, EcCurve::kP521}) {
    if (nid == Nid(curve)) return curve;
  }
  return std::nullopt;
}

bssl::UniquePtr<EC_KEY> NewKey(EcCurve curve) {
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(Nid(curve)));
  if (!key) std::abort();
  return key;
}

bssl::UniquePtr<EVP_PKEY> ToPkey(EC_KEY* ec_key) {
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (!key || !EVP_PKEY_set1_EC_KEY(key.get(), ec_key)) std::abort();
  return key;
}

std::string Padded(const BIGNUM* number, size_t size) {
  std::string bytes(size, '\0');
  if (!BN_bn2bin_padded(Bytes(bytes), size, number)) std::abort();
  return bytes;
}

std::string RawSignature(const ECDSA_SIG* signature, size_t field_size) {
  return Padded(ECDSA_SIG_get0_r(signature), field_size) +
         Padded(ECDSA_SIG_get0_s(signature), field_size);
}

bssl::UniquePtr<ECDSA_SIG> ParseRaw(absl::string_view raw, size_t field_size) {
  if (raw.size() != 2 * field_size) return nullptr;
  bssl::UniquePtr<ECDSA_SIG> signature(ECDSA_SIG_new());
  bssl::UniquePtr<BIGNUM> r(BN_bin2bn(Bytes(raw), field_size, nullptr));
  bssl::UniquePtr<BIGNUM> s(BN_bin2bn(Bytes(raw) + field_size, field_size, nullptr));
  if (!signature || !r || !s || !ECDSA_SIG_set0(signature.get(), r.get(), s.get())) std::abort();
  r.release();
  s.release();
  return signature;
}

}  // namespace

HashAlgorithm HashFor(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return HashAlgorithm::kSha256;
    case EcCurve::kP384:
      return HashAlgorithm::kSha384;
    case EcCurve::kP521:
      return HashAlgorithm::kSha512;
  }
  std::abort();
}

size_t FieldSize(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return 32;
    case EcCurve::kP384:
      return 48;
    case EcCurve::kP521:
      return 66;
  }
  std::abort();
}

struct EcPublicKey::State {
  bssl::UniquePtr<EVP_PKEY> key;
  EcCurve curve;

  const EC_KEY* ec_key() const { return EVP_PKEY_get0_EC_KEY(key.get()); }

  static absl::StatusOr<std::shared_ptr<const State>> Create(bssl::UniquePtr<EVP_PKEY> key) {
    if (EVP_PKEY_id(key.get()) != EVP_PKEY_EC) {
      return absl::InvalidArgumentError("not an elliptic-curve key");
    }
    const EC_KEY* ec_key = EVP_PKEY_get0_EC_KEY(key.get());
    const std::optional<EcCurve> curve = CurveOf(ec_key);
    if (!curve.has_value()) {
      return absl::InvalidArgumentError("the curve of the key must be P-256, P-384 or P-521");
    }
    if (!EC_KEY_check_fips(ec_key)) return Failure("not a sound elliptic-curve key");
    return std::make_shared<const State>(State{std::move(key), *curve});
  }

  std::string Coordinate(bool want_x) const {
    bssl::UniquePtr<BIGNUM> x(BN_new());
    bssl::UniquePtr<BIGNUM> y(BN_new());
    if (!x || !y ||
        !EC_POINT_get_affine_coordinates_GFp(EC_KEY_get0_group(ec_key()),
                                             EC_KEY_get0_public_key(ec_key()), x.get(), y.get(),
                                             nullptr)) {
      std::abort();
    }
    return Padded(want_x ? x.get() : y.get(), FieldSize(curve));
  }
};

absl::StatusOr<EcPublicKey> EcPublicKey::FromSpkiDer(absl::string_view der) {
  KW_ASSIGN_OR_RETURN(auto key, ParseSpkiDer(der));
  KW_ASSIGN_OR_RETURN(auto state, State::Create(std::move(key)));
  return EcPublicKey(std::move(state));
}

absl::StatusOr<EcPublicKey> EcPublicKey::FromSpkiPem(absl::string_view pem) {
  KW_ASSIGN_OR_RETURN(auto key, ParseSpkiPem(pem));
  KW_ASSIGN_OR_RETURN(auto state, State::Create(std::move(key)));
  return EcPublicKey(std::move(state));
}

absl::StatusOr<EcPublicKey> EcPublicKey::FromCoordinates(EcCurve curve, absl::string_view x,
                                                         absl::string_view y) {
  if (x.size() != FieldSize(curve) || y.size() != FieldSize(curve)) {
    return Failure("the coordinates do not have the size of the curve's field");
  }
  bssl::UniquePtr<BIGNUM> x_number(BN_bin2bn(Bytes(x), x.size(), nullptr));
  bssl::UniquePtr<BIGNUM> y_number(BN_bin2bn(Bytes(y), y.size(), nullptr));
  bssl::UniquePtr<EC_KEY> ec_key = NewKey(curve);
  if (!x_number || !y_number) std::abort();
  if (!EC_KEY_set_public_key_affine_coordinates(ec_key.get(), x_number.get(), y_number.get())) {
    return Failure("the coordinates are not those of a point of the curve");
  }
  KW_ASSIGN_OR_RETURN(auto state, State::Create(ToPkey(ec_key.get())));
  return EcPublicKey(std::move(state));
}

EcCurve EcPublicKey::curve() const { return state_->curve; }
std::string EcPublicKey::x() const { return state_->Coordinate(/*want_x=*/true); }
std::string EcPublicKey::y() const { return state_->Coordinate(/*want_x=*/false); }
std::string EcPublicKey::ToSpkiDer() const { return SpkiDer(state_->key.get()); }
std::string EcPublicKey::ToSpkiPem() const { return SpkiPem(state_->key.get()); }

absl::Status EcPublicKey::Verify(absl::string_view digest, absl::string_view signature,
                                 EcSignatureFormat format) const {
  bool valid = digest.size() == DigestSize(HashFor(curve()));
  if (valid && format == EcSignatureFormat::kDer) {
    valid = ECDSA_verify(0, Bytes(digest), digest.size(), Bytes(signature), signature.size(),
                         state_->ec_key()) == 1;
  } else if (valid) {
    const auto parsed = ParseRaw(signature, FieldSize(curve()));
    valid = parsed &&
            ECDSA_do_verify(Bytes(digest), digest.size(), parsed.get(), state_->ec_key()) == 1;
  }
  return valid ? absl::OkStatus() : Failure("the signature is not valid");
}

EcPrivateKey EcPrivateKey::Generate(EcCurve curve) {
  bssl::UniquePtr<EC_KEY> ec_key = NewKey(curve);
  if (!EC_KEY_generate_key_fips(ec_key.get())) std::abort();
  auto state = EcPublicKey::State::Create(ToPkey(ec_key.get()));
  if (!state.ok()) std::abort();
  return EcPrivateKey(EcPublicKey(*std::move(state)));
}

absl::StatusOr<EcPrivateKey> EcPrivateKey::FromPkcs8(const SecretBytes& der) {
  KW_ASSIGN_OR_RETURN(auto key, ParsePkcs8(der));
  KW_ASSIGN_OR_RETURN(auto state, EcPublicKey::State::Create(std::move(key)));
  return EcPrivateKey(EcPublicKey(std::move(state)));
}

EcPrivateKey EcPrivateKey::FromSigner(EcPublicKey key, EcSigner signer) {
  EcPrivateKey made(std::move(key));
  made.signer_ = std::make_shared<const EcSigner>(std::move(signer));
  return made;
}

absl::StatusOr<std::string> EcPrivateKey::SignElsewhere(absl::string_view digest,
                                                        EcSignatureFormat format) const {
  KW_ASSIGN_OR_RETURN(std::string raw, (*signer_)(digest));
  const bssl::UniquePtr<ECDSA_SIG> signature = ParseRaw(raw, FieldSize(public_key_.curve()));
  if (!signature) return absl::InternalError("what signs returned no signature");
  if (format == EcSignatureFormat::kRaw) return raw;
  uint8_t* der = nullptr;
  size_t size = 0;
  if (!ECDSA_SIG_to_bytes(&der, &size, signature.get())) std::abort();
  std::string signed_der(reinterpret_cast<const char*>(der), size);
  OPENSSL_free(der);
  return signed_der;
}

SecretBytes EcPrivateKey::ToPkcs8() const { return Pkcs8(public_key_.state_->key.get()); }

absl::StatusOr<std::string> EcPrivateKey::Sign(absl::string_view digest,
                                               EcSignatureFormat format) const {
  const EC_KEY* key = public_key_.state_->ec_key();
  const EcCurve curve = public_key_.curve();
  if (digest.size() != DigestSize(HashFor(curve))) {
    return Failure("the digest does not have the size of the hash of the key's curve");
  }
  if (signer_ != nullptr) return SignElsewhere(digest, format);
  if (format == EcSignatureFormat::kRaw) {
    bssl::UniquePtr<ECDSA_SIG> signature(ECDSA_do_sign(Bytes(digest), digest.size(), key));
    if (signature) return RawSignature(signature.get(), FieldSize(curve));
  } else {
    std::string signature(ECDSA_size(key), '\0');
    unsigned int size = 0;
    if (ECDSA_sign(0, Bytes(digest), digest.size(), Bytes(signature), &size, key)) {
      signature.resize(size);
      return signature;
    }
  }
  ERR_clear_error();
  return absl::InternalError("the cryptographic module could not sign");
}

}  // namespace keyward::crypto
