#include "common/encoding/hex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

namespace keyward {
namespace {

using ::testing::Optional;

TEST(HexTest, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_THAT(HexToBytes(absl::BytesToHexString(bytes)), Optional(bytes));
}

TEST(HexTest, BothCasesAreRead) {
  EXPECT_THAT(HexToBytes("aBcDeF"), Optional(std::string("\xab\xcd\xef")));
  EXPECT_THAT(HexToBytes(""), Optional(std::string()));
}

TEST(HexTest, WhatIsNotHexadecimalIsRefused) {
  for (const char* text : {"0", "abc", "0g", "g0", "0x", " 0", "0 ", "0:", "@0", "`0",
                           "\xff"
                           "0"}) {
    EXPECT_EQ(HexToBytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace keyward
