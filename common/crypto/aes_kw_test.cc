#include "common/crypto/aes_kw.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/status/status.h"
#include "common/crypto/secret_bytes.h"
#include "common/crypto/wycheproof.h"

namespace keyward::crypto {
namespace {

using Wrap = absl::StatusOr<std::string> (*)(const SecretBytes&, const SecretBytes&);
using Unwrap = absl::StatusOr<SecretBytes> (*)(const SecretBytes&, absl::string_view);

void CheckVectors(absl::string_view file, Wrap wrap, Unwrap unwrap) {
  for (const WycheproofVector& vector : LoadWycheproof(file)) {
    const SecretBytes key = SecretBytes::CopyOf(vector.Bytes("key"));
    const SecretBytes secret = SecretBytes::CopyOf(vector.Bytes("msg"));
    const auto unwrapped = unwrap(key, vector.Bytes("ct"));
    if (vector.IsInvalid()) {
      EXPECT_FALSE(unwrapped.ok()) << vector.Name();
      continue;
    }
    // "Acceptable" are secrets so short that an implementation may refuse them.
    if (!vector.IsValid() && !unwrapped.ok()) continue;
    ASSERT_TRUE(unwrapped.ok()) << vector.Name();
    EXPECT_EQ(*unwrapped, secret) << vector.Name();
    const auto wrapped = wrap(key, secret);
    ASSERT_TRUE(wrapped.ok()) << vector.Name();
    EXPECT_EQ(*wrapped, vector.Bytes("ct")) << vector.Name();
  }
}

TEST(AesKwTest, Wycheproof) { CheckVectors("kw_test.json", AesKwWrap, AesKwUnwrap); }

TEST(AesKwpTest, Wycheproof) { CheckVectors("kwp_test.json", AesKwpWrap, AesKwpUnwrap); }

void CheckTampering(Wrap wrap, Unwrap unwrap, size_t secret_size) {
  const SecretBytes key = SecretBytes::Random(32);
  const SecretBytes secret = SecretBytes::Random(secret_size);
  const std::string wrapped = *wrap(key, secret);
  EXPECT_EQ(*unwrap(key, wrapped), secret);
  std::set<std::string> texts;
  for (size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    std::string flipped = wrapped;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    texts.emplace(unwrap(key, flipped).status().message());
  }
  for (size_t size = 0; size < wrapped.size(); ++size) {
    texts.emplace(unwrap(key, wrapped.substr(0, size)).status().message());
  }
  texts.emplace(unwrap(SecretBytes::Random(32), wrapped).status().message());
  EXPECT_EQ(texts, std::set<std::string>{"unwrapping failed: the wrapped key is not authentic"});
}

TEST(AesKwTest, TamperingIsFound) { CheckTampering(AesKwWrap, AesKwUnwrap, 32); }

TEST(AesKwpTest, TamperingIsFound) {
  for (size_t size : {1, 8, 9, 32, 1217}) CheckTampering(AesKwpWrap, AesKwpUnwrap, size);
}

TEST(AesKwTest, RefusesSizesThatItCannotWrap) {
  const SecretBytes key = SecretBytes::Random(32);
  for (size_t size : {0, 8, 15, 17, (1 << 20) + 8}) {
    EXPECT_TRUE(absl::IsInvalidArgument(AesKwWrap(key, SecretBytes::Zeroed(size)).status()))
        << size;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(AesKwpWrap(key, SecretBytes()).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(AesKwpWrap(key, SecretBytes::Zeroed((1 << 20) + 1)).status()));
}

TEST(AesKwTest, RefusesWrappingKeysOfOtherSizes) {
  const SecretBytes secret = SecretBytes::Random(32);
  for (size_t size : {0, 15, 31, 33, 64}) {
    const SecretBytes key = SecretBytes::Random(size);
    EXPECT_TRUE(absl::IsInvalidArgument(AesKwWrap(key, secret).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(AesKwUnwrap(key, std::string(40, 'w')).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(AesKwpWrap(key, secret).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(AesKwpUnwrap(key, std::string(40, 'w')).status()));
  }
}

}  // namespace
}  // namespace keyward::crypto
