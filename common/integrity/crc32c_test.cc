#include "common/integrity/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace keyward::integrity {
namespace {

// RFC 3720, B.4, and the usual check value.
TEST(Crc32cTest, KnownAnswers) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<char>(i));
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
}

// By the definition, a bit at a time.
uint32_t ByDefinition(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, EverySizeAndAlignment) {
  std::string bytes;
  for (int i = 0; i < 700; ++i) bytes.push_back(static_cast<char>(i * 37 + i / 7));
  for (size_t start = 0; start < 17; ++start) {
    for (size_t size = 0; start + size <= bytes.size(); size += 1 + size / 16) {
      const std::string part = bytes.substr(start, size);
      EXPECT_EQ(Crc32c(absl::string_view(bytes).substr(start, size)), ByDefinition(part));
    }
  }
}

TEST(Crc32cTest, MatchesOnlyTheNumberItself) {
  EXPECT_TRUE(MatchesCrc32c("123456789", 0xE3069283));
  EXPECT_FALSE(MatchesCrc32c("123456789", int64_t{0xE3069283} + (int64_t{1} << 32)));
  EXPECT_FALSE(MatchesCrc32c("123456789", static_cast<int32_t>(0xE3069283)));
  EXPECT_FALSE(MatchesCrc32c("123456780", 0xE3069283));
}

}  // namespace
}  // namespace keyward::integrity
