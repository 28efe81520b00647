#include "common/crypto/rsa.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/crypto/hash.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {
namespace {

constexpr HashAlgorithm kHashes[] = {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
                                     HashAlgorithm::kSha512};
constexpr RsaSignaturePadding kPaddings[] = {RsaSignaturePadding::kPkcs1,
                                             RsaSignaturePadding::kPss};

std::string Flipped(absl::string_view bytes, size_t bit) {
  std::string flipped(bytes);
  flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
  return flipped;
}

// Generated once, since that takes long.
const RsaPrivateKey& Key() {
  static const RsaPrivateKey& key = *new RsaPrivateKey(*RsaPrivateKey::Generate(2048));
  return key;
}

TEST(RsaTest, GeneratesTheThreeSizesAndNoOther) {
  for (int bits : {2048, 3072, 4096}) {
    const auto key = RsaPrivateKey::Generate(bits);
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->public_key().bits(), bits);
    EXPECT_EQ(key->public_key().modulus().size(), static_cast<size_t>(bits) / 8);
    EXPECT_EQ(key->public_key().exponent(), std::string("\x01\x00\x01", 3));
  }
  for (int bits : {-1, 0, 512, 1024, 2047, 2049, 8192}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RsaPrivateKey::Generate(bits).status())) << bits;
  }
}

TEST(RsaTest, Pkcs8RoundTrip) {
  const SecretBytes der = Key().ToPkcs8();
  const auto parsed = RsaPrivateKey::FromPkcs8(der);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->ToPkcs8(), der);
  EXPECT_EQ(parsed->public_key().ToSpkiDer(), Key().public_key().ToSpkiDer());
  EXPECT_TRUE(RsaPrivateKey::ImportPkcs8(der).ok());
}

TEST(RsaTest, PublicKeyRoundTrips) {
  const RsaPublicKey& key = Key().public_key();
  const auto from_der = RsaPublicKey::FromSpkiDer(key.ToSpkiDer());
  const auto from_pem = RsaPublicKey::FromSpkiPem(key.ToSpkiPem());
  const auto from_jwk = RsaPublicKey::FromModulus(key.modulus(), key.exponent());
  ASSERT_TRUE(from_der.ok() && from_pem.ok() && from_jwk.ok());
  for (const RsaPublicKey& other : {*from_der, *from_pem, *from_jwk}) {
    EXPECT_EQ(other.ToSpkiDer(), key.ToSpkiDer());
  }
  EXPECT_EQ(key.ToSpkiPem().substr(0, 27), "-----BEGIN PUBLIC KEY-----\n");
}

TEST(RsaTest, MalformedPublicKeysAreRefused) {
  const std::string der = Key().public_key().ToSpkiDer();
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(RsaPublicKey::FromSpkiDer(der.substr(0, size)).ok());
  }
  EXPECT_FALSE(RsaPublicKey::FromSpkiDer(der + "x").ok());
  for (const char* pem : {"", "-----BEGIN PUBLIC KEY-----",
                          "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"}) {
    EXPECT_FALSE(RsaPublicKey::FromSpkiPem(pem).ok()) << pem;
  }
}

TEST(RsaTest, WeakPublicKeysAreRefused) {
  const std::string modulus = Key().public_key().modulus();
  const std::string exponent = Key().public_key().exponent();
  EXPECT_FALSE(RsaPublicKey::FromModulus(modulus.substr(0, 128), exponent).ok());
  EXPECT_FALSE(RsaPublicKey::FromModulus(modulus + modulus, exponent + "x").ok());
  EXPECT_FALSE(RsaPublicKey::FromModulus(std::string(2000, 'x'), exponent).ok());
  EXPECT_FALSE(RsaPublicKey::FromModulus("", "").ok());
  for (const std::string& other :
       {std::string("\x03"), std::string("\x01"), std::string("\x01\x00\x00", 3),
        std::string("\xff\xff"), std::string()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RsaPublicKey::FromModulus(modulus, other).status()));
  }
}

TEST(RsaTest, MalformedPrivateKeysAreRefused) {
  const SecretBytes der = Key().ToPkcs8();
  for (size_t size = 0; size < der.size(); size += 7) {
    SecretBytes shorter = der.Clone();
    shorter.Truncate(size);
    EXPECT_TRUE(absl::IsInvalidArgument(RsaPrivateKey::FromPkcs8(shorter).status())) << size;
  }
  const std::string longer = std::string(der.ExposeSecret()) + "x";
  EXPECT_FALSE(RsaPrivateKey::FromPkcs8(SecretBytes::CopyOf(longer)).ok());
}

TEST(RsaTest, MultiPrimeKeysAreRefused) {
  // Version 1 of the inner RSAPrivateKey says that more primes follow.
  std::string der(Key().ToPkcs8().ExposeSecret());
  const std::string version("\x02\x01\x00", 3);
  const size_t inner = der.find(version, der.find(version) + 1);
  ASSERT_NE(inner, std::string::npos);
  der[inner + 2] = 1;
  EXPECT_FALSE(RsaPrivateKey::FromPkcs8(SecretBytes::CopyOf(der)).ok());
}

TEST(RsaOaepTest, DecryptsWhatWasEncrypted) {
  for (OaepHash hash : {OaepHash::kSha256, OaepHash::kSha1}) {
    const size_t max = Key().public_key().MaxPlaintext(hash);
    EXPECT_EQ(max, hash == OaepHash::kSha256 ? 190u : 214u);
    for (size_t size : {size_t{0}, size_t{1}, size_t{32}, max}) {
      const std::string plaintext(size, 'p');
      const auto ciphertext = Key().public_key().Encrypt(plaintext, hash);
      ASSERT_TRUE(ciphertext.ok());
      EXPECT_EQ(ciphertext->size(), 256u);
      const auto decrypted = Key().Decrypt(*ciphertext, hash);
      ASSERT_TRUE(decrypted.ok());
      EXPECT_EQ(decrypted->ExposeSecret(), plaintext);
    }
    EXPECT_TRUE(absl::IsInvalidArgument(
        Key().public_key().Encrypt(std::string(max + 1, 'p'), hash).status()));
  }
}

TEST(RsaOaepTest, EveryFailureLooksTheSame) {
  const std::string ciphertext = *Key().public_key().Encrypt("secret");
  std::set<std::string> errors;
  for (size_t bit = 0; bit < ciphertext.size() * 8; bit += 61) {
    errors.insert(Key().Decrypt(Flipped(ciphertext, bit)).status().ToString());
  }
  for (const std::string& other :
       {std::string(), ciphertext.substr(1), ciphertext + "x", std::string(256, '\0'),
        std::string(256, '\xff'), Key().public_key().modulus(),
        *Key().public_key().Encrypt("secret", OaepHash::kSha1),
        *RsaPrivateKey::Generate(2048)->public_key().Encrypt("secret")}) {
    errors.insert(Key().Decrypt(other).status().ToString());
  }
  EXPECT_EQ(errors, std::set<std::string>{"INVALID_ARGUMENT: RSA decryption failed"});
}

TEST(RsaSignatureTest, VerifiesWhatWasSigned) {
  for (RsaSignaturePadding padding : kPaddings) {
    for (HashAlgorithm hash : kHashes) {
      const std::string digest = Digest(hash, "message");
      const auto signature = Key().Sign(padding, hash, digest);
      ASSERT_TRUE(signature.ok());
      const RsaPublicKey& key = Key().public_key();
      EXPECT_TRUE(key.Verify(padding, hash, digest, *signature).ok());
      EXPECT_FALSE(key.Verify(padding, hash, Digest(hash, "massage"), *signature).ok());
      EXPECT_FALSE(key.Verify(padding, hash, digest, Flipped(*signature, 1000)).ok());
      EXPECT_FALSE(key.Verify(padding, hash, digest, signature->substr(1)).ok());
      EXPECT_FALSE(key.Verify(padding, hash, digest, "").ok());
    }
  }
}

TEST(RsaSignatureTest, PaddingsAndHashesAreNotInterchangeable) {
  const std::string digest = Digest(HashAlgorithm::kSha256, "message");
  const std::string signature =
      *Key().Sign(RsaSignaturePadding::kPkcs1, HashAlgorithm::kSha256, digest);
  const RsaPublicKey& key = Key().public_key();
  EXPECT_FALSE(
      key.Verify(RsaSignaturePadding::kPss, HashAlgorithm::kSha256, digest, signature).ok());
  EXPECT_FALSE(key.Verify(RsaSignaturePadding::kPkcs1, HashAlgorithm::kSha512,
                          Digest(HashAlgorithm::kSha512, "message"), signature)
                   .ok());
}

TEST(RsaSignatureTest, DigestsOfAnotherSizeAreRefused) {
  for (RsaSignaturePadding padding : kPaddings) {
    for (const std::string& digest : {std::string(), std::string(31, 'd'), std::string(48, 'd')}) {
      EXPECT_TRUE(
          absl::IsInvalidArgument(Key().Sign(padding, HashAlgorithm::kSha256, digest).status()));
      EXPECT_FALSE(Key()
                       .public_key()
                       .Verify(padding, HashAlgorithm::kSha256, digest, std::string(256, 's'))
                       .ok());
    }
  }
}

TEST(RsaTest, OneKeyServesManyThreads) {
  const auto key = RsaPrivateKey::FromPkcs8(Key().ToPkcs8());
  ASSERT_TRUE(key.ok());
  const std::string ciphertext = *key->public_key().Encrypt("secret");
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([copy = *key, &ciphertext, &good] {
      for (int j = 0; j < 20; ++j) {
        const auto plaintext = copy.Decrypt(ciphertext);
        if (plaintext.ok() && plaintext->ExposeSecret() == "secret") ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace keyward::crypto
