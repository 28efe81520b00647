#include "common/crypto/strict_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace keyward::crypto {
namespace {

TEST(StrictJsonTest, TakesAnObject) {
  const auto object =
      ParseStrictJsonObject(R"( {"a": 1, "b": {"a": "x", "c": [1, {"a": null}]}, "d": -1.5e3} )");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->at("a"), 1);
  EXPECT_EQ(object->at("b").at("a"), "x");
  EXPECT_TRUE(ParseStrictJsonObject("{}").ok());
}

TEST(StrictJsonTest, RefusesAMemberTwice) {
  EXPECT_FALSE(ParseStrictJsonObject(R"({"a": 1, "a": 1})").ok());
  EXPECT_FALSE(ParseStrictJsonObject(R"({"a": 1, "\u0061": 2})").ok());
  EXPECT_FALSE(ParseStrictJsonObject(R"({"x": {"a": 1, "b": 2, "a": 3}})").ok());
  EXPECT_FALSE(ParseStrictJsonObject(R"({"x": [{"a": 1, "a": 3}]})").ok());
}

TEST(StrictJsonTest, RefusesWhatIsNoObject) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "1",
                           "\"a\"",
                           "[]",
                           "[{}]",
                           "{",
                           "}",
                           "{}{}",
                           "{} x",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":1,}",
                           "// c\n{}",
                           "{/* c */}",
                           "{\"a\":01}",
                           "{\"a\":NaN}",
                           "{\"a\":1e999}",
                           "{\"a\":\"\n\"}",
                           "\xEF\xBB\xBF{}"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseStrictJsonObject(text).status())) << text;
  }
  EXPECT_FALSE(ParseStrictJsonObject(absl::string_view("{}\0", 3)).ok());
  EXPECT_FALSE(ParseStrictJsonObject(absl::string_view("{}\0{", 4)).ok());
}

TEST(StrictJsonTest, RefusesInvalidUtf8) {
  EXPECT_FALSE(ParseStrictJsonObject("{\"a\": \"\xff\"}").ok());
  EXPECT_FALSE(ParseStrictJsonObject("{\"a\": \"\xc0\x80\"}").ok());
  EXPECT_FALSE(ParseStrictJsonObject("{\"a\": \"\\ud800\"}").ok());
  EXPECT_TRUE(ParseStrictJsonObject("{\"a\": \"é\"}").ok());
}

std::string Nested(int depth) {
  std::string text = "1";
  for (int i = 0; i < depth; ++i) {
    text = i % 2 == 0 ? absl::StrCat("{\"a\":", text, "}") : absl::StrCat("{\"a\":[", text, "]}");
  }
  return text;
}

TEST(StrictJsonTest, LimitsDepth) {
  EXPECT_TRUE(ParseStrictJsonObject(Nested(10)).ok());   // 15 levels
  EXPECT_FALSE(ParseStrictJsonObject(Nested(12)).ok());  // 18 levels
  EXPECT_FALSE(ParseStrictJsonObject("{\"a\":" + std::string(1'000'000, '[')).ok());
}

}  // namespace
}  // namespace keyward::crypto
