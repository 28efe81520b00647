#include "common/auth/verified_tokens.h"

#include <gtest/gtest.h>

#include <memory>

namespace keyward::auth {
namespace {

std::shared_ptr<const VerifiedTokens::Token> Token(const char* key_id) {
  return std::make_shared<const VerifiedTokens::Token>(VerifiedTokens::Token{key_id, {}});
}

TEST(VerifiedTokensTest, KnowsWhatWasAddedToTheLastCharacter) {
  VerifiedTokens tokens(10);
  EXPECT_EQ(tokens.Find("a.b.c"), nullptr);
  tokens.Add("a.b.c", Token("one"));
  ASSERT_NE(tokens.Find("a.b.c"), nullptr);
  EXPECT_EQ(tokens.Find("a.b.c")->key_id, "one");
  EXPECT_EQ(tokens.Find("a.b.d"), nullptr);
  EXPECT_EQ(tokens.Find("a.b.c "), nullptr);
}

TEST(VerifiedTokensTest, ForgetsTheOldestWhenFull) {
  VerifiedTokens tokens(2);
  tokens.Add("1", Token("1"));
  tokens.Add("2", Token("2"));
  tokens.Add("1", Token("1"));
  tokens.Add("3", Token("3"));
  EXPECT_EQ(tokens.Find("1"), nullptr);
  EXPECT_NE(tokens.Find("2"), nullptr);
  EXPECT_NE(tokens.Find("3"), nullptr);
}

}  // namespace
}  // namespace keyward::auth
