#include "common/crypto/aes_gcm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"

namespace keyward::crypto {
namespace {

absl::Span<uint8_t> Writable(std::string& bytes) {
  return absl::MakeSpan(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size());
}

std::string Flipped(absl::string_view bytes, size_t bit) {
  std::string flipped(bytes);
  flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
  return flipped;
}

AesKey KeyOf(absl::string_view bytes) { return *AesKey::Create(SecretBytes::CopyOf(bytes)); }

TEST(AesKeyTest, HasExactly32Bytes) {
  EXPECT_TRUE(AesKey::Create(SecretBytes::Random(32)).ok());
  for (size_t size : {0, 16, 24, 31, 33}) {
    EXPECT_TRUE(absl::IsInvalidArgument(AesKey::Create(SecretBytes::Random(size)).status()));
  }
  const AesKey key = AesKey::Generate();
  EXPECT_TRUE(key == key.Clone());
  EXPECT_FALSE(key == AesKey::Generate());
}

// The vectors of other key and nonce sizes are not for this cipher, which takes one of each.
bool IsForUs(const WycheproofVector& vector) {
  return vector.Number("keySize") == 256 && vector.Number("ivSize") == 96 &&
         vector.Number("tagSize") == 128;
}

TEST(AesGcmCipherTest, WycheproofSeal) {
  int checked = 0;
  for (const WycheproofVector& vector : LoadWycheproof("aes_gcm_test.json")) {
    if (!IsForUs(vector) || !vector.IsValid()) continue;
    const std::string expected = vector.Bytes("ct") + vector.Bytes("tag");
    std::string sealed(expected.size(), '\0');
    const AesGcmCipher cipher(KeyOf(vector.Bytes("key")));
    EXPECT_EQ(
        cipher.Seal(vector.Bytes("iv"), vector.Bytes("msg"), vector.Bytes("aad"), Writable(sealed)),
        absl::OkStatus());
    EXPECT_EQ(sealed, expected) << vector.Name();
    ++checked;
  }
  EXPECT_GE(checked, 20);
}

TEST(AesGcmCipherTest, WycheproofOpen) {
  int refused = 0;
  for (const WycheproofVector& vector : LoadWycheproof("aes_gcm_test.json")) {
    if (!IsForUs(vector)) continue;
    const AesGcmAead aead(KeyOf(vector.Bytes("key")));
    const auto opened = aead.Open(vector.Bytes("iv") + vector.Bytes("ct") + vector.Bytes("tag"),
                                  vector.Bytes("aad"));
    ASSERT_EQ(opened.ok(), vector.IsValid()) << vector.Name();
    if (opened.ok()) {
      EXPECT_EQ(opened->ExposeSecret(), vector.Bytes("msg")) << vector.Name();
    }
    if (!opened.ok()) ++refused;
  }
  EXPECT_GE(refused, 20);
}

TEST(AesGcmCipherTest, WorksInPlace) {
  const AesGcmCipher cipher(AesKey::Generate());
  const std::string nonce(kGcmNonceSize, 'n');
  const std::string plaintext = "in place, on one buffer";
  std::string buffer = plaintext + std::string(kGcmTagSize, '\0');
  const size_t size = plaintext.size();
  ASSERT_EQ(cipher.Seal(nonce, absl::string_view(buffer).substr(0, size), "", Writable(buffer)),
            absl::OkStatus());
  EXPECT_NE(buffer.substr(0, size), plaintext);
  ASSERT_EQ(cipher.Open(nonce, buffer, "", Writable(buffer).first(size)), absl::OkStatus());
  EXPECT_EQ(buffer.substr(0, size), plaintext);
}

TEST(AesGcmCipherTest, AFailedOpenWipesTheBuffer) {
  const AesGcmCipher cipher(AesKey::Generate());
  const std::string nonce(kGcmNonceSize, 'n');
  std::string sealed(100 + kGcmTagSize, '\0');
  ASSERT_EQ(cipher.Seal(nonce, std::string(100, 'p'), "", Writable(sealed)), absl::OkStatus());
  std::string out(100, 'x');
  EXPECT_FALSE(cipher.Open(nonce, Flipped(sealed, 7), "", Writable(out)).ok());
  EXPECT_EQ(out, std::string(100, '\0'));
}

TEST(AesGcmCipherTest, RefusesWrongSizes) {
  const AesGcmCipher cipher(AesKey::Generate());
  std::string out(20, '\0');
  EXPECT_FALSE(cipher.Seal("short", "1234", "", Writable(out)).ok());
  EXPECT_FALSE(cipher.Seal("twelve bytes", "12345", "", Writable(out)).ok());
  EXPECT_FALSE(cipher.Open("short", std::string(36, 'c'), "", Writable(out)).ok());
  EXPECT_FALSE(cipher.Open("twelve bytes", std::string(35, 'c'), "", Writable(out)).ok());
}

class AesGcmAeadTest : public testing::Test {
 protected:
  AesGcmAead aead_{AesKey::Generate()};
};

TEST_F(AesGcmAeadTest, OpensWhatItSealed) {
  for (size_t size : {0, 1, 15, 16, 17, 4096, 100'000}) {
    const std::string plaintext(size, 'p');
    const auto sealed = aead_.Seal(plaintext, "context");
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(sealed->size(), size + AesGcmAead::kOverhead);
    const auto opened = aead_.Open(*sealed, "context");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->ExposeSecret(), plaintext);
  }
}

TEST_F(AesGcmAeadTest, SealsDifferentlyEachTime) {
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) nonces.insert(aead_.Seal("same", "")->substr(0, kGcmNonceSize));
  EXPECT_EQ(nonces.size(), 1000u);
}

TEST_F(AesGcmAeadTest, EveryFlippedBitIsFound) {
  const std::string sealed = *aead_.Seal("plaintext", "context");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    EXPECT_TRUE(absl::IsInvalidArgument(aead_.Open(Flipped(sealed, bit), "context").status()));
  }
}

TEST_F(AesGcmAeadTest, OtherAssociatedDataAreRefused) {
  const std::string sealed = *aead_.Seal("plaintext", "context");
  for (absl::string_view other : {"", "contex", "contexT", "context "}) {
    EXPECT_FALSE(aead_.Open(sealed, other).ok()) << other;
  }
}

TEST_F(AesGcmAeadTest, TruncationAndEmptyInputAreRefusedWithOneText) {
  const std::string sealed = *aead_.Seal("plaintext", "context");
  std::set<std::string> texts;
  for (size_t size = 0; size < sealed.size(); ++size) {
    const absl::Status status = aead_.Open(sealed.substr(0, size), "context").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    texts.emplace(status.message());
  }
  texts.emplace(aead_.Open(sealed + "x", "context").status().message());
  EXPECT_EQ(texts.size(), 1u);
}

TEST_F(AesGcmAeadTest, AnotherKeyIsRefused) {
  const std::string sealed = *aead_.Seal("plaintext", "");
  EXPECT_FALSE(AesGcmAead(AesKey::Generate()).Open(sealed, "").ok());
}

}  // namespace
}  // namespace keyward::crypto
