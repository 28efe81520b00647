#include "services/model_deployment/apertium_stream.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace keyward::model_deployment {
namespace {

// What the pipeline would see of a stream: plain text, and superblanks by themselves. Anything else
// that is not escaped would be ours to answer for.
struct Seen {
  std::string text;
  std::vector<std::string> superblanks;
  bool clean = true;
};

Seen Look(absl::string_view stream) {
  Seen seen;
  bool inside = false;
  for (size_t i = 0; i < stream.size(); ++i) {
    char c = stream[i];
    bool escaped = c == '\\';
    if (escaped) {
      if (++i == stream.size()) return {"", {}, false};
      c = stream[i];
    } else if (c == '[') {
      if (inside) seen.clean = false;
      inside = true;
      seen.superblanks.emplace_back();
      continue;
    } else if (c == ']') {
      if (!inside) seen.clean = false;
      inside = false;
      continue;
    } else if (absl::StrContains("{}^$/@<>", c) || c == '\0') {
      seen.clean = false;
    }
    if (!inside && (c == '~' || c == '\n')) seen.clean = false;
    (inside ? seen.superblanks.back() : seen.text).push_back(c);
  }
  if (inside) seen.clean = false;
  return seen;
}

std::string RandomText(std::mt19937& random) {
  constexpr absl::string_view kPieces[] = {
      "[",   "]", "{", "}", "^",    "$", "/", "\\", "@", "<",      ">",    "~",    "\n", "\t",
      "key", " ", "ñ", "🔑", "[[t:", ".", "*", "#",  "+", "^a<n>$", "\x01", "kw 0", "é"};
  std::string text;
  for (int n = static_cast<int>(random() % 20); n > 0; --n) {
    absl::StrAppend(&text, kPieces[random() % std::size(kPieces)]);
  }
  return text;
}

TEST(ApertiumStream, NoTextBreaksTheStreamOrBringsSuperblanksOfItsOwn) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = RandomText(random);
    auto encoded = EncodeForApertium({{text}}, i, true);
    ASSERT_TRUE(encoded.ok());
    Seen seen = Look(encoded->stream);
    ASSERT_TRUE(seen.clean) << text;
    EXPECT_EQ(seen.superblanks.back(), encoded->marker);
    // A pipeline that changes nothing gives the text back.
    auto decoded = DecodeFromApertium(encoded->stream, *encoded);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, text);
  }
}

TEST(ApertiumStream, VerbatimPhrasesComeBackAsTheyWent) {
  std::mt19937 random(2);
  for (int i = 0; i < 5'000; ++i) {
    Sentence sentence;
    std::string whole;
    for (int n = 0; n < 5; ++n) {
      std::string text = RandomText(random);
      sentence.push_back({text, random() % 2 == 0, static_cast<NounForm>(random() % 5)});
      whole += text;
    }
    for (bool as_nouns : {true, false}) {
      auto encoded = EncodeForApertium(sentence, i, as_nouns);
      ASSERT_TRUE(encoded.ok());
      ASSERT_TRUE(Look(encoded->stream).clean);
      auto decoded = DecodeFromApertium(encoded->stream, *encoded);
      ASSERT_TRUE(decoded.ok()) << decoded.status();
      EXPECT_EQ(*decoded, whole);
    }
  }
}

TEST(ApertiumStream, RefusesNulAndWhatIsNotUtf8) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(EncodeForApertium({{std::string("a\0b", 3)}}, 0, true).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(EncodeForApertium({{"a\xFF"}}, 0, true).status()));
}

TEST(ApertiumStream, KnowsAnAnswerThatIsNotItsOwn) {
  auto first = *EncodeForApertium({{"a"}}, 1, true);
  auto second = *EncodeForApertium({{"a"}}, 2, true);
  for (const std::string& answer : {second.stream, std::string("a."), std::string(""),
                                    first.stream + "x", std::string("a.[kw 1")}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeFromApertium(answer, first).status())) << answer;
  }
}

TEST(ApertiumStream, NoticesPhrasesThatWereLostOrDoubled) {
  Sentence sentence = {{"The "}, {"clave", true, NounForm::kFeminineSingular}, {" is here."}};
  auto noun = *EncodeForApertium(sentence, 1, true);
  ASSERT_EQ(noun.nouns.size(), 1u);
  std::string placeholder = noun.nouns[0].placeholder;
  EXPECT_EQ(*DecodeFromApertium("La Kwzfsaa aquí.[kw 1]", noun), "La clave aquí.");
  EXPECT_TRUE(absl::IsAborted(DecodeFromApertium("La aquí.[kw 1]", noun).status()));
  EXPECT_TRUE(absl::IsAborted(
      DecodeFromApertium(absl::StrCat(placeholder, placeholder, "[kw 1]"), noun).status()));
  auto superblank = *EncodeForApertium(sentence, 1, false);
  EXPECT_TRUE(absl::IsAborted(DecodeFromApertium("La aquí.[kw 1]", superblank).status()));
}

TEST(ApertiumStream, TextThatLooksLikeAPlaceholderMakesPhrasesSuperblanks) {
  auto encoded =
      *EncodeForApertium({{"KWZ "}, {"clave", true, NounForm::kFeminineSingular}}, 1, true);
  EXPECT_TRUE(encoded.nouns.empty());
  EXPECT_EQ(encoded.superblanks, 1);
}

}  // namespace
}  // namespace keyward::model_deployment
