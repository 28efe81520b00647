#include "common/encoding/tags_text.h"

#include <gtest/gtest.h>

#include <string>

namespace keyward {
namespace {

TEST(TagsTextTest, WhatIsWrittenIsReadBack) {
  for (const Tags& tags :
       {Tags{}, Tags{{"cost center", "42"}, {"", "no name"}, {"\"quoted\"", "caf\xc3\xa9\n"}}}) {
    const auto read = TagsFromText(TagsToText(tags));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, tags);
  }
}

TEST(TagsTextTest, WhatIsNoTagsIsDataLoss) {
  for (const char* text : {"", "null", "[]", "{", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}"}) {
    EXPECT_TRUE(absl::IsDataLoss(TagsFromText(text).status())) << text;
  }
}

}  // namespace
}  // namespace keyward
