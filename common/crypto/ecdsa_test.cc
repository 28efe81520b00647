#include "common/crypto/ecdsa.h"

#include <gtest/gtest.h>

#include <string>

#include "common/crypto/hash.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"

namespace keyward::crypto {
namespace {

constexpr EcSignatureFormat kFormats[] = {EcSignatureFormat::kRaw, EcSignatureFormat::kDer};

class EcdsaTest : public testing::TestWithParam<EcCurve> {
 protected:
  std::string DigestOf(absl::string_view message) const {
    return Digest(HashFor(GetParam()), message);
  }

  EcPrivateKey key_ = EcPrivateKey::Generate(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Curves, EcdsaTest,
                         testing::Values(EcCurve::kP256, EcCurve::kP384, EcCurve::kP521));

TEST_P(EcdsaTest, VerifiesWhatWasSigned) {
  const EcPublicKey& key = key_.public_key();
  for (EcSignatureFormat format : kFormats) {
    const std::string digest = DigestOf("message");
    const auto signature = key_.Sign(digest, format);
    ASSERT_TRUE(signature.ok());
    EXPECT_TRUE(key.Verify(digest, *signature, format).ok());
    EXPECT_FALSE(key.Verify(DigestOf("massage"), *signature, format).ok());
    EXPECT_FALSE(key.Verify(digest, "", format).ok());
    EXPECT_FALSE(key.Verify(digest, *signature + "x", format).ok());
    EXPECT_FALSE(
        EcPrivateKey::Generate(GetParam()).public_key().Verify(digest, *signature, format).ok());
    for (size_t bit = 0; bit < signature->size() * 8; bit += 5) {
      std::string flipped = *signature;
      flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
      EXPECT_FALSE(key.Verify(digest, flipped, format).ok()) << bit;
    }
  }
  EXPECT_EQ(key_.Sign(DigestOf("message"))->size(), 2 * FieldSize(GetParam()));
}

TEST_P(EcdsaTest, FormatsAreNotInterchangeable) {
  const std::string digest = DigestOf("message");
  EXPECT_FALSE(key_.public_key().Verify(digest, *key_.Sign(digest, EcSignatureFormat::kDer)).ok());
  EXPECT_FALSE(key_.public_key().Verify(digest, *key_.Sign(digest), EcSignatureFormat::kDer).ok());
}

TEST_P(EcdsaTest, DigestsOfAnotherSizeAreRefused) {
  for (const std::string& digest : {std::string(), DigestOf("m").substr(1), DigestOf("m") + "x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(key_.Sign(digest).status()));
    EXPECT_FALSE(key_.public_key().Verify(digest, *key_.Sign(DigestOf("m"))).ok());
  }
}

TEST_P(EcdsaTest, Pkcs8RoundTrip) {
  const SecretBytes der = key_.ToPkcs8();
  const auto parsed = EcPrivateKey::FromPkcs8(der);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->ToPkcs8(), der);
  EXPECT_EQ(parsed->public_key().curve(), GetParam());
  const std::string digest = DigestOf("message");
  EXPECT_TRUE(key_.public_key().Verify(digest, *parsed->Sign(digest)).ok());
  for (size_t size = 0; size < der.size(); ++size) {
    SecretBytes shorter = der.Clone();
    shorter.Truncate(size);
    EXPECT_FALSE(EcPrivateKey::FromPkcs8(shorter).ok()) << size;
  }
}

TEST_P(EcdsaTest, PublicKeyRoundTrips) {
  const EcPublicKey& key = key_.public_key();
  EXPECT_EQ(key.x().size(), FieldSize(GetParam()));
  EXPECT_EQ(key.y().size(), FieldSize(GetParam()));
  const auto from_der = EcPublicKey::FromSpkiDer(key.ToSpkiDer());
  const auto from_pem = EcPublicKey::FromSpkiPem(key.ToSpkiPem());
  const auto from_jwk = EcPublicKey::FromCoordinates(GetParam(), key.x(), key.y());
  ASSERT_TRUE(from_der.ok() && from_pem.ok() && from_jwk.ok());
  for (const EcPublicKey& other : {*from_der, *from_pem, *from_jwk}) {
    EXPECT_EQ(other.ToSpkiDer(), key.ToSpkiDer());
    EXPECT_EQ(other.curve(), GetParam());
  }
}

TEST_P(EcdsaTest, WhatIsNoPointOfTheCurveIsRefused) {
  const EcPublicKey& key = key_.public_key();
  std::string y = key.y();
  y.back() ^= 1;
  const std::string zero(FieldSize(GetParam()), '\0');
  EXPECT_FALSE(EcPublicKey::FromCoordinates(GetParam(), key.x(), y).ok());
  EXPECT_FALSE(EcPublicKey::FromCoordinates(GetParam(), zero, zero).ok());
  EXPECT_FALSE(EcPublicKey::FromCoordinates(GetParam(), key.x().substr(1), key.y()).ok());
  EXPECT_FALSE(EcPublicKey::FromCoordinates(GetParam(), key.x(), key.y() + "x").ok());
  EXPECT_FALSE(EcPublicKey::FromCoordinates(GetParam(), "", "").ok());
}

TEST(EcKeyTest, KeysOfAnotherKindAreRefused) {
  const auto rsa = RsaPrivateKey::Generate(2048);
  ASSERT_TRUE(rsa.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(EcPrivateKey::FromPkcs8(rsa->ToPkcs8()).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(EcPublicKey::FromSpkiDer(rsa->public_key().ToSpkiDer()).status()));
  const EcPrivateKey ec = EcPrivateKey::Generate(EcCurve::kP256);
  EXPECT_TRUE(absl::IsInvalidArgument(RsaPrivateKey::FromPkcs8(ec.ToPkcs8()).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(RsaPublicKey::FromSpkiDer(ec.public_key().ToSpkiDer()).status()));
  for (const WycheproofVector& vector : LoadWycheproof("ecdsa_secp224r1_sha224_test.json")) {
    EXPECT_FALSE(EcPublicKey::FromSpkiDer(vector.Bytes("keyDer")).ok()) << "P-224";
  }
}

void CheckVectors(absl::string_view file, EcCurve curve, EcSignatureFormat format) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    const auto key = EcPublicKey::FromSpkiDer(vector.Bytes("keyDer"));
    ASSERT_TRUE(key.ok()) << vector.Name();
    ASSERT_EQ(key->curve(), curve);
    const absl::Status verified =
        key->Verify(Digest(HashFor(curve), vector.Bytes("msg")), vector.Bytes("sig"), format);
    // What is "acceptable" (a signature of another size) is not accepted.
    EXPECT_EQ(verified.ok(), vector.IsValid()) << vector.Name();
  }
}

TEST(EcdsaVectorsTest, Wycheproof) {
  CheckVectors("ecdsa_secp256r1_sha256_test.json", EcCurve::kP256, EcSignatureFormat::kDer);
  CheckVectors("ecdsa_secp384r1_sha384_test.json", EcCurve::kP384, EcSignatureFormat::kDer);
  CheckVectors("ecdsa_secp521r1_sha512_test.json", EcCurve::kP521, EcSignatureFormat::kDer);
}

TEST(EcdsaVectorsTest, WycheproofRaw) {
  CheckVectors("ecdsa_secp256r1_sha256_p1363_test.json", EcCurve::kP256, EcSignatureFormat::kRaw);
  CheckVectors("ecdsa_secp384r1_sha384_p1363_test.json", EcCurve::kP384, EcSignatureFormat::kRaw);
  CheckVectors("ecdsa_secp521r1_sha512_p1363_test.json", EcCurve::kP521, EcSignatureFormat::kRaw);
}

}  // namespace
}  // namespace keyward::crypto
