#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/hash.h"
#include "common/crypto/rsa.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"

namespace keyward::crypto {
namespace {

void CheckOaep(absl::string_view file, OaepHash hash) {
  int checked = 0;
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    if (!vector.Bytes("label").empty()) continue;  // Keyward has no use for labels
    const auto key = RsaPrivateKey::FromPkcs8(SecretBytes::CopyOf(vector.Bytes("privateKeyPkcs8")));
    ASSERT_TRUE(key.ok()) << vector.Name();
    const auto decrypted = key->Decrypt(vector.Bytes("ct"), hash);
    ASSERT_EQ(decrypted.ok(), vector.IsValid()) << vector.Name();
    ++checked;
    if (!decrypted.ok()) continue;
    EXPECT_EQ(decrypted->ExposeSecret(), vector.Bytes("msg")) << vector.Name();
    const auto again = key->Decrypt(*key->public_key().Encrypt(vector.Bytes("msg"), hash), hash);
    EXPECT_EQ(again->ExposeSecret(), vector.Bytes("msg")) << vector.Name();
  }
  EXPECT_GT(checked, 20);
}

TEST(RsaVectorsTest, Oaep2048Sha256) {
  CheckOaep("rsa_oaep_2048_sha256_mgf1sha256_test.json", OaepHash::kSha256);
}
TEST(RsaVectorsTest, Oaep3072Sha256) {
  CheckOaep("rsa_oaep_3072_sha256_mgf1sha256_test.json", OaepHash::kSha256);
}
TEST(RsaVectorsTest, Oaep4096Sha256) {
  CheckOaep("rsa_oaep_4096_sha256_mgf1sha256_test.json", OaepHash::kSha256);
}
TEST(RsaVectorsTest, Oaep2048Sha1) {
  CheckOaep("rsa_oaep_2048_sha1_mgf1sha1_test.json", OaepHash::kSha1);
}

void CheckSignatures(absl::string_view file, RsaSignaturePadding padding, HashAlgorithm hash) {
  int checked = 0;
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    const auto key = RsaPublicKey::FromSpkiDer(vector.Bytes("keyDer"));
    if (vector.Bytes("e") == "\x03") {
      EXPECT_FALSE(key.ok()) << "an exponent too small";
      continue;
    }
    ASSERT_TRUE(key.ok()) << vector.Name();
    const absl::Status verified =
        key->Verify(padding, hash, Digest(hash, vector.Bytes("msg")), vector.Bytes("sig"));
    // What is "acceptable" (a missing NULL in DigestInfo) is not accepted.
    EXPECT_EQ(verified.ok(), vector.IsValid()) << vector.Name();
    ++checked;
  }
  EXPECT_GT(checked, 80);
}

TEST(RsaVectorsTest, Pss2048Sha256) {
  CheckSignatures("rsa_pss_2048_sha256_mgf1_32_test.json", RsaSignaturePadding::kPss,
                  HashAlgorithm::kSha256);
}
TEST(RsaVectorsTest, Pss3072Sha256) {
  CheckSignatures("rsa_pss_3072_sha256_mgf1_32_test.json", RsaSignaturePadding::kPss,
                  HashAlgorithm::kSha256);
}
TEST(RsaVectorsTest, Pss4096Sha256) {
  CheckSignatures("rsa_pss_4096_sha256_mgf1_32_test.json", RsaSignaturePadding::kPss,
                  HashAlgorithm::kSha256);
}
TEST(RsaVectorsTest, Pkcs1Sha256) {
  CheckSignatures("rsa_signature_2048_sha256_test.json", RsaSignaturePadding::kPkcs1,
                  HashAlgorithm::kSha256);
}
TEST(RsaVectorsTest, Pkcs1Sha384) {
  CheckSignatures("rsa_signature_2048_sha384_test.json", RsaSignaturePadding::kPkcs1,
                  HashAlgorithm::kSha384);
  CheckSignatures("rsa_signature_4096_sha384_test.json", RsaSignaturePadding::kPkcs1,
                  HashAlgorithm::kSha384);
}
TEST(RsaVectorsTest, Pkcs1Sha512) {
  CheckSignatures("rsa_signature_2048_sha512_test.json", RsaSignaturePadding::kPkcs1,
                  HashAlgorithm::kSha512);
  CheckSignatures("rsa_signature_3072_sha512_test.json", RsaSignaturePadding::kPkcs1,
                  HashAlgorithm::kSha512);
}

// PS256 has a salt as long as the digest: a signature that is right but for a shorter salt is not.
TEST(RsaVectorsTest, PssSaltsOfAnotherSizeAreRefused) {
  for (const WycheproofVector& vector : LoadWycheproof("rsa_pss_2048_sha256_mgf1_0_test.json")) {
    if (!vector.IsValid()) continue;
    const auto key = RsaPublicKey::FromSpkiDer(vector.Bytes("keyDer"));
    ASSERT_TRUE(key.ok());
    EXPECT_FALSE(key->Verify(RsaSignaturePadding::kPss, HashAlgorithm::kSha256,
                             Sha256(vector.Bytes("msg")), vector.Bytes("sig"))
                     .ok())
        << vector.Name();
  }
}

}  // namespace
}  // namespace keyward::crypto
