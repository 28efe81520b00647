#include "common/crypto/hash.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/hkdf.h"
#include "common/crypto/hmac.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"

namespace keyward::crypto {
namespace {

// The examples of FIPS 180-4.
TEST(HashTest, KnownDigests) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      absl::BytesToHexString(Digest(HashAlgorithm::kSha384, "abc")),
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca1"
      "34c825a7");
  EXPECT_EQ(
      absl::BytesToHexString(Digest(HashAlgorithm::kSha512, "abc")),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
      "a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(absl::BytesToHexString(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HashTest, PiecesGiveTheDigestOfTheWhole) {
  for (HashAlgorithm algorithm :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
    Hasher hasher(algorithm);
    hasher.Update("a");
    hasher.Update("");
    hasher.Update("bc");
    EXPECT_EQ(hasher.Finish(), Digest(algorithm, "abc"));
    EXPECT_EQ(hasher.Finish(), Digest(algorithm, "")) << "Finish() starts anew";
    EXPECT_EQ(Digest(algorithm, "abc").size(), DigestSize(algorithm));
  }
}

void CheckHmac(HashAlgorithm algorithm, absl::string_view file) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    std::string mac =
        Hmac(algorithm, SecretBytes::CopyOf(vector.Bytes("key")), vector.Bytes("msg"));
    mac.resize(vector.Number("tagSize") / 8);
    EXPECT_EQ(ConstantTimeEquals(mac, vector.Bytes("tag")), vector.IsValid()) << vector.Name();
  }
}

TEST(HmacTest, Wycheproof) {
  CheckHmac(HashAlgorithm::kSha256, "hmac_sha256_test.json");
  CheckHmac(HashAlgorithm::kSha384, "hmac_sha384_test.json");
  CheckHmac(HashAlgorithm::kSha512, "hmac_sha512_test.json");
}

TEST(HkdfTest, Wycheproof) {
  for (const WycheproofVector& vector : LoadWycheproof("hkdf_sha256_test.json")) {
    const auto derived = HkdfSha256(SecretBytes::CopyOf(vector.Bytes("ikm")), vector.Bytes("salt"),
                                    vector.Bytes("info"), vector.Number("size"));
    ASSERT_EQ(derived.ok(), vector.IsValid()) << vector.Name();
    if (derived.ok()) {
      EXPECT_EQ(derived->ExposeSecret(), vector.Bytes("okm")) << vector.Name();
    }
  }
}

TEST(HkdfTest, RefusesMoreThanTheLimit) {
  const SecretBytes key = SecretBytes::Random(32);
  EXPECT_TRUE(HkdfSha256(key, "", "", 255 * 32).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(HkdfSha256(key, "", "", 255 * 32 + 1).status()));
}

TEST(HkdfTest, EveryInputMatters) {
  const SecretBytes key = SecretBytes::CopyOf("key material");
  const auto derived = HkdfSha256(key, "salt", "info", 32);
  ASSERT_TRUE(derived.ok());
  EXPECT_NE(*derived, *HkdfSha256(key, "salt", "infO", 32));
  EXPECT_NE(*derived, *HkdfSha256(key, "sal7", "info", 32));
  EXPECT_NE(*derived, *HkdfSha256(SecretBytes::CopyOf("key materiaL"), "salt", "info", 32));
}

}  // namespace
}  // namespace keyward::crypto
