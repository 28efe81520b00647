#include "common/hsm/token_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/crypto/secret_bytes.h"
#include "common/hsm/objects.h"
#include "common/hsm/testing/soft_token.h"

namespace keyward::hsm {
namespace {

using crypto::OaepHash;
using ::testing::Each;

constexpr char kId[] = "0123456789abcdef";

class TokenKeysTest : public ::testing::Test {
 protected:
  crypto::RsaPrivateKey MakeRsa(int bits = 2048) const {
    const auto key = keys_.GenerateRsa(bits, kId, "vaults/v/keys/k");
    EXPECT_TRUE(key.ok()) << key.status();
    return keys_.OpenRsa(*key, kId);
  }

  // What the token answers when an attribute of the private key is read.
  CK_RV Read(CK_ATTRIBUTE_TYPE type) const {
    CK_RV answer = CKR_OK;
    EXPECT_TRUE(token_
                    ->Run("reading",
                          [&](const Session& session) {
                            std::vector<CK_OBJECT_HANDLE> found;
                            FindObjects(session, Attributes().Add(CKA_ID, kId), found);
                            EXPECT_EQ(found.size(), 1u) << "the public key does not stay";
                            std::string value(1024, '\0');
                            CK_ATTRIBUTE attribute = {type, value.data(), value.size()};
                            answer = session.functions.C_GetAttributeValue(
                                session.handle, found.at(0), &attribute, 1);
                            return CK_RV{CKR_OK};
                          })
                    .ok());
    return answer;
  }

  testing::SoftToken soft_;
  const std::shared_ptr<Token> token_ = soft_.Open();
  const TokenKeys keys_{token_};
};

TEST_F(TokenKeysTest, RsaDecryptsWhatItsPublicKeyEncrypted) {
  for (const int bits : {2048, 3072, 4096}) {
    const crypto::RsaPrivateKey key = MakeRsa(bits);
    EXPECT_EQ(key.public_key().bits(), bits);
    for (const OaepHash hash : {OaepHash::kSha256, OaepHash::kSha1}) {
      for (const size_t size : {size_t{0}, size_t{32}, key.public_key().MaxPlaintext(hash)}) {
        const std::string plaintext = crypto::RandomBytes(size);
        const auto decrypted = key.Decrypt(*key.public_key().Encrypt(plaintext, hash), hash);
        ASSERT_TRUE(decrypted.ok()) << decrypted.status();
        EXPECT_EQ(decrypted->ExposeSecret(), plaintext);
      }
    }
    ASSERT_TRUE(keys_.Destroy(kId).ok());
  }
}

TEST_F(TokenKeysTest, WrongCiphertextsFailAllTheSameWay) {
  const crypto::RsaPrivateKey key = MakeRsa();
  const std::string good = *key.public_key().Encrypt("secret");
  std::string flipped = good;
  flipped[100] ^= 1;
  const std::string modulus = key.public_key().modulus();
  for (const std::string& bad :
       {flipped, std::string(256, '\0'), std::string(256, '\xff'), modulus, good.substr(1),
        good + "x", std::string(), *key.public_key().Encrypt("secret", OaepHash::kSha1)}) {
    EXPECT_EQ(key.Decrypt(bad).status(), absl::InvalidArgumentError("RSA decryption failed"));
  }
}

TEST_F(TokenKeysTest, RsaSigns) {
  const crypto::RsaPrivateKey key = MakeRsa();
  const std::string digest = crypto::Sha256("message");
  for (const auto padding :
       {crypto::RsaSignaturePadding::kPkcs1, crypto::RsaSignaturePadding::kPss}) {
    const auto signature = key.Sign(padding, crypto::HashAlgorithm::kSha256, digest);
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_TRUE(
        key.public_key().Verify(padding, crypto::HashAlgorithm::kSha256, digest, *signature).ok());
  }
}

TEST_F(TokenKeysTest, EcSignsOnEveryCurve) {
  for (const auto curve :
       {crypto::EcCurve::kP256, crypto::EcCurve::kP384, crypto::EcCurve::kP521}) {
    const auto made = keys_.GenerateEc(curve, kId, "vaults/v/keys/k");
    ASSERT_TRUE(made.ok()) << made.status();
    const crypto::EcPrivateKey key = keys_.OpenEc(*made, kId);
    const std::string digest = crypto::RandomBytes(crypto::DigestSize(crypto::HashFor(curve)));
    for (const auto format : {crypto::EcSignatureFormat::kRaw, crypto::EcSignatureFormat::kDer}) {
      const auto signature = key.Sign(digest, format);
      ASSERT_TRUE(signature.ok()) << signature.status();
      EXPECT_TRUE(key.public_key().Verify(digest, *signature, format).ok());
    }
    ASSERT_TRUE(keys_.Destroy(kId).ok());
  }
}

TEST_F(TokenKeysTest, PrivateNumbersCannotBeRead) {
  MakeRsa();
  for (const CK_ATTRIBUTE_TYPE type : {CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2}) {
    EXPECT_EQ(Read(type), CK_RV{CKR_ATTRIBUTE_SENSITIVE});
  }
  ASSERT_TRUE(keys_.Destroy(kId).ok());
  ASSERT_TRUE(keys_.GenerateEc(crypto::EcCurve::kP256, kId, "label").ok());
  EXPECT_EQ(Read(CKA_VALUE), CK_RV{CKR_ATTRIBUTE_SENSITIVE});
}

TEST_F(TokenKeysTest, AbsentTokenIsUnavailableNotAWrongCiphertext) {
  const crypto::RsaPrivateKey key = MakeRsa();
  const std::string ciphertext = *key.public_key().Encrypt("secret");
  soft_.PullOut();
  EXPECT_TRUE(absl::IsUnavailable(key.Decrypt(ciphertext).status()));
  EXPECT_TRUE(absl::IsUnavailable(keys_.GenerateRsa(2048, "other", "label").status()));
  EXPECT_TRUE(absl::IsUnavailable(keys_.Destroy(kId)));
  soft_.PutBack();
  const auto decrypted = key.Decrypt(ciphertext);
  ASSERT_TRUE(decrypted.ok()) << decrypted.status();
  EXPECT_EQ(decrypted->ExposeSecret(), "secret");
}

TEST_F(TokenKeysTest, DestroyedKeyDoesNotComeBack) {
  const crypto::RsaPrivateKey key = MakeRsa();
  const std::string ciphertext = *key.public_key().Encrypt("secret");
  ASSERT_TRUE(key.Decrypt(ciphertext).ok());
  ASSERT_TRUE(keys_.Destroy(kId).ok());
  EXPECT_TRUE(absl::IsUnavailable(key.Decrypt(ciphertext).status()));
  EXPECT_TRUE(keys_.Destroy(kId).ok()) << "once more does no harm";
}

TEST_F(TokenKeysTest, ManyThreadsUseOneKey) {
  const crypto::RsaPrivateKey key = MakeRsa();
  std::vector<int> good(4);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < good.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const std::string plaintext = crypto::RandomBytes(32);
        const auto decrypted = key.Decrypt(*key.public_key().Encrypt(plaintext));
        if (decrypted.ok() && decrypted->ExposeSecret() == plaintext) ++good[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(good, Each(20));
}

}  // namespace
}  // namespace keyward::hsm
