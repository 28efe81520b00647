#include "common/envelope/tink_segments.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "common/crypto/aes_key.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::envelope {
namespace {

constexpr uint32_t kLastIndex = std::numeric_limits<uint32_t>::max();

TEST(SegmentNoncesTest, CountUp) {
  SegmentNonces nonces("prefix7");
  EXPECT_EQ(*nonces.Next(false), std::string("prefix7\0\0\0\0\0", 12));
  EXPECT_EQ(*nonces.Next(false), std::string("prefix7\0\0\0\1\0", 12));
  EXPECT_EQ(*nonces.Next(true), std::string("prefix7\0\0\0\2\1", 12));
  EXPECT_TRUE(absl::IsOutOfRange(nonces.Next(false).status())) << "nothing follows the last";
  EXPECT_FALSE(nonces.Next(true).ok());
}

TEST(SegmentNoncesTest, AreBigEndian) {
  SegmentNonces nonces("prefix7", 0x01020304);
  EXPECT_EQ(*nonces.Next(true), std::string("prefix7\1\2\3\4\1", 12));
}

TEST(SegmentNoncesTest, TheHighestIndexCanOnlyBeTheLast) {
  SegmentNonces nonces("prefix7", kLastIndex - 1);
  EXPECT_TRUE(nonces.Next(false).ok());
  EXPECT_TRUE(absl::IsOutOfRange(nonces.Next(false).status()));
  EXPECT_EQ(*nonces.Next(true), "prefix7\xff\xff\xff\xff\x01");
  EXPECT_FALSE(nonces.Next(true).ok()) << "the counter does not wrap";
}

TEST(SegmentCipherTest, HeadersAreFresh) {
  const crypto::AesKey key = crypto::AesKey::Generate();
  const auto first = SegmentCipher::New(key, "");
  const auto second = SegmentCipher::New(key, "");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->header().size(), 40u);
  EXPECT_EQ(first->header()[0], 0x28);
  EXPECT_NE(first->header(), second->header());
}

TEST(SegmentCipherTest, OtherHeadersAreRefused) {
  const crypto::AesKey key = crypto::AesKey::Generate();
  const std::string header = SegmentCipher::New(key, "")->header();
  EXPECT_TRUE(SegmentCipher::FromHeader(key, "", header).ok());
  for (const std::string& other :
       {std::string(), header.substr(1), header + "x", "\x27" + header.substr(1)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(SegmentCipher::FromHeader(key, "", other).status()));
  }
}

}  // namespace
}  // namespace keyward::envelope
