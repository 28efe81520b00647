#include "services/model_deployment/unicode.h"

#include <gtest/gtest.h>

namespace keyward::model_deployment {
namespace {

TEST(Unicode, AcceptsExactlyWellFormedUtf8) {
  for (const char* good : {"", "clave", "contraseña", "ключ", "鍵", "🔑"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
    EXPECT_EQ(EncodeUtf8(DecodeUtf8(good)), good);
  }
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "a\xFFz", "\xF0\x9F\x94"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << bad;
  }
}

TEST(Unicode, MalformedBytesBecomeReplacements) { EXPECT_EQ(DecodeUtf8("a\xFFz"), U"a\uFFFDz"); }

TEST(Unicode, LowersTheScriptsItKnowsAndRaisesThemAgain) {
  struct Case {
    char32_t upper, lower;
  } cases[] = {{'A', 'a'},   {U'Ñ', U'ñ'}, {U'É', U'é'}, {U'Ż', U'ż'}, {U'Ł', U'ł'},
               {U'Ω', U'ω'}, {U'Ж', U'ж'}, {U'Ё', U'ё'}, {U'Ÿ', U'ÿ'}, {U'Ẽ', U'ẽ'}};
  for (const Case& c : cases) {
    EXPECT_EQ(ToLower(c.upper), c.lower);
    EXPECT_EQ(ToLower(c.lower), c.lower);
    EXPECT_EQ(ToUpper(c.lower), c.upper);
  }
  EXPECT_EQ(ToLower(U'×'), U'×');
  EXPECT_EQ(ToUpper('1'), U'1');
}

TEST(Unicode, TellsWordsFromWhatIsBetweenThem) {
  for (char32_t c : {U'a', U'ñ', U'ж', U'7', U'鍵'}) EXPECT_TRUE(IsWordCharacter(c));
  for (char32_t c : {U' ', U'.', U'¿', U'—', U'\u00A0', U'…'}) EXPECT_FALSE(IsWordCharacter(c));
}

}  // namespace
}  // namespace keyward::model_deployment
