#include "services/model_deployment/document_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace keyward::model_deployment {
namespace {

using deployment::v1::DOCUMENT_FORMAT_TMX;
using deployment::v1::DOCUMENT_FORMAT_TSV;
using Pairs = std::vector<std::pair<std::string, std::string>>;
using ::testing::ElementsAre;
using ::testing::Pair;

const LanguagePair kEnglishSpanish{"eng", "spa"};

struct Reading {
  absl::Status status;
  Pairs pairs;
};

Reading Read(deployment::v1::DocumentFormat format, absl::string_view document,
             size_t piece = 1 << 20) {
  Reading reading;
  auto parser = MakeDocumentParser(
      format, kEnglishSpanish, [&](absl::string_view source, absl::string_view target) {
        reading.pairs.emplace_back(std::string(source), std::string(target));
      });
  while (!document.empty() && reading.status.ok()) {
    absl::string_view next = document.substr(0, piece);
    reading.status = (*parser)->Feed(next);
    document.remove_prefix(next.size());
  }
  if (reading.status.ok()) reading.status = (*parser)->Finish();
  return reading;
}

std::string Tmx(absl::string_view body, absl::string_view prologue = "") {
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", prologue,
                      "<tmx version=\"1.4\"><header srclang=\"en\" segtype=\"sentence\"><note>a "
                      "note</note></header><body>",
                      body, "</body></tmx>");
}

std::string Tu(absl::string_view source, absl::string_view target) {
  return absl::StrCat("<tu><tuv xml:lang=\"en\"><seg>", source,
                      "</seg></tuv><tuv xml:lang=\"es\"><seg>", target, "</seg></tuv></tu>\n");
}

TEST(TmxParser, ReadsPairsWhateverTheSizeOfThePieces) {
  std::string document =
      Tmx(Tu("The key &amp; the <hi>vault</hi>", "La clave &amp; <hi type='x'>la</hi> bóveda") +
              Tu("Press <bpt i='1'>{\\b</bpt>Enter<ept i='1'>}</ept>.", "Pulse <ph/>Intro."),
          "<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<!-- a comment -->");
  for (size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}}) {
    Reading reading = Read(DOCUMENT_FORMAT_TMX, document, piece);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.pairs, ElementsAre(Pair("The key & the vault", "La clave & la bóveda"),
                                           Pair("Press Enter.", "Pulse Intro.")));
  }
}

TEST(TmxParser, UnderstandsTagsOfLanguagesAndSkipsOthers) {
  Reading reading = Read(
      DOCUMENT_FORMAT_TMX,
      Tmx("<tu><prop type='x'>p</prop><tuv xml:lang='ES_mx'><seg>uno</seg></tuv><tuv "
          "xml:lang='en-US'><seg>one</seg></tuv><tuv xml:lang='fr'><seg>un</seg></tuv></tu>"
          "<tu><tuv xml:lang='fr'><seg>deux</seg></tuv><tuv xml:lang='en'><seg>two</seg></tuv></tu>"
          "<tu><tuv lang='eng'><seg>three</seg></tuv><tuv lang='spa'><seg>tres</seg></tuv></tu>"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.pairs, ElementsAre(Pair("one", "uno"), Pair("three", "tres")));
}

TEST(TmxParser, ReadsUtf16) {
  std::string utf8 = "<tmx version='1.4'><header/><body>" + Tu("a", "b") + "</body></tmx>";
  std::string document = "\xFF\xFE";
  for (char c : utf8) document += std::string({c, '\0'});
  Reading reading = Read(DOCUMENT_FORMAT_TMX, document, 5);
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.pairs, ElementsAre(Pair("a", "b")));
}

struct Malformed {
  const char* what;
  std::string document;
};

class TmxParserRefuses : public ::testing::TestWithParam<Malformed> {};

TEST_P(TmxParserRefuses, AndNamesThePlace) {
  for (size_t piece : {size_t{1} << 20, size_t{3}}) {
    Reading reading = Read(DOCUMENT_FORMAT_TMX, GetParam().document, piece);
    EXPECT_EQ(ErrorReason(reading.status), "DOCUMENT_MALFORMED") << reading.status;
    EXPECT_THAT(ErrorMetadata(reading.status, "place"), ::testing::HasSubstr("line "));
    EXPECT_FALSE(absl::StrContains(reading.status.message(), "canary")) << reading.status;
  }
}

std::string Billion() {
  std::string declarations = "<!DOCTYPE tmx [<!ENTITY a0 \"canary\">";
  for (int i = 1; i < 10; ++i) {
    absl::StrAppend(&declarations, "<!ENTITY a", i, " \"");
    for (int j = 0; j < 10; ++j) absl::StrAppend(&declarations, "&a", i - 1, ";");
    absl::StrAppend(&declarations, "\">");
  }
  return Tmx(Tu("&a9;", "x"), declarations + "]>");
}

std::string Deep() {
  std::string open, close;
  for (int i = 0; i < 100; ++i) {
    open += "<hi>";
    close += "</hi>";
  }
  return Tmx(Tu(open + "canary" + close, "x"));
}

INSTANTIATE_TEST_SUITE_P(
    All, TmxParserRefuses,
    ::testing::Values(
        Malformed{"Empty", ""}, Malformed{"NoXml", "canary, canary"},
        Malformed{"Truncated", Tmx(Tu("canary", "y")).substr(0, 200)},
        Malformed{"TruncatedInATag", Tmx(Tu("canary", "y")).substr(0, 170)},
        Malformed{"OtherRoot", "<html><body>canary</body></html>"},
        Malformed{"NoVersion", "<tmx><header/><body/></tmx>"},
        Malformed{"Version2", "<tmx version='2.0'><header/><body/></tmx>"},
        Malformed{"NoPair", Tmx("")},
        Malformed{"OtherLanguages", Tmx("<tu><tuv xml:lang='de'><seg>canary</seg></tuv></tu>")},
        Malformed{"NoLanguage", Tmx("<tu><tuv><seg>canary</seg></tuv></tu>")},
        Malformed{"NoSegment", Tmx("<tu><tuv xml:lang='en'></tuv></tu>")},
        Malformed{"TwoSegments",
                  Tmx("<tu><tuv xml:lang='en'><seg>canary</seg><seg>b</seg></tuv></tu>")},
        Malformed{"StrayText", Tmx("canary" + Tu("a", "b"))},
        Malformed{"StrayElement", Tmx("<seg>canary</seg>")},
        Malformed{"UnknownInline", Tmx(Tu("<b>canary</b>", "b"))},
        Malformed{"MismatchedTags", Tmx("<tu></tuv>")},
        Malformed{"TwoRoots", Tmx(Tu("canary", "b")) + Tmx(Tu("a", "b"))},
        Malformed{"UndefinedEntity", Tmx(Tu("canary&nbsp;", "b"))},
        Malformed{"UndefinedEntityWithDtd",
                  Tmx(Tu("canary&nbsp;", "b"), "<!DOCTYPE tmx SYSTEM 'tmx14.dtd'>")},
        Malformed{"InvalidUtf8", Tmx(Tu("canary\xFF", "b"))},
        Malformed{"Nul", Tmx(Tu(std::string("canary\0", 7), "b"))},
        Malformed{"NulReference", Tmx(Tu("canary&#0;", "b"))}, Malformed{"EntityBomb", Billion()},
        Malformed{"ExternalEntity",
                  Tmx(Tu("&x;", "b"), "<!DOCTYPE tmx [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>")},
        Malformed{"TooDeep", Deep()},
        Malformed{"SegmentTooLong", Tmx(Tu(std::string(100'000, 'c'), "b"))}),
    [](const auto& info) { return info.param.what; });

TEST(TmxParser, RefusesATokenWithoutEnd) {
  Reading reading =
      Read(DOCUMENT_FORMAT_TMX, "<tmx version='1.4'><header x='" + std::string(8 << 20, 'x'));
  EXPECT_EQ(ErrorReason(reading.status), "DOCUMENT_MALFORMED");
}

// Whatever is done to a document, the parser says yes or no, and every prefix of it is a no.
TEST(TmxParser, SurvivesDamage) {
  const std::string document = Tmx(Tu("The key", "La clave") + Tu("A vault", "Una bóveda"));
  for (size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(Read(DOCUMENT_FORMAT_TMX, document.substr(0, size)).status.ok()) << size;
  }
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = document;
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    Reading reading = Read(DOCUMENT_FORMAT_TMX, damaged, 1 + random() % 50);
    if (!reading.status.ok()) {
      EXPECT_EQ(ErrorReason(reading.status), "DOCUMENT_MALFORMED") << reading.status;
    }
  }
}

TEST(TsvParser, ReadsLinesWhateverTheSizeOfThePieces) {
  std::string document =
      "\xEF\xBB\xBF"
      "one\tuno\r\n\ntwo words\tdos palabras\nthree\ttres";
  for (size_t piece : {size_t{1}, size_t{2}, size_t{100}}) {
    Reading reading = Read(DOCUMENT_FORMAT_TSV, document, piece);
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.pairs, ElementsAre(Pair("one", "uno"), Pair("two words", "dos palabras"),
                                           Pair("three", "tres")));
  }
}

TEST(TsvParser, RefusesWhatIsNone) {
  struct Case {
    std::string document;
    const char* place;
  };
  for (const Case& c :
       {Case{"", "line 1"}, Case{"\n\n", "line 3"}, Case{"a\tb\nno tab\n", "line 2"},
        Case{"a\tb\tc\n", "line 1"}, Case{"a\tb\n\xFF\tc\n", "line 2"},
        Case{std::string("a\0\tb\n", 5), "line 1"},
        Case{std::string(70'000, 'a') + "\tb\n", "line 1"},
        Case{"a\tb\n" + std::string(1 << 20, 'a'), "line 2"}}) {
    Reading reading = Read(DOCUMENT_FORMAT_TSV, c.document, 1000);
    EXPECT_EQ(ErrorReason(reading.status), "DOCUMENT_MALFORMED") << reading.status;
    EXPECT_EQ(ErrorMetadata(reading.status, "place"), c.place);
  }
}

TEST(MakeDocumentParser, RefusesAFormatThatIsNone) {
  EXPECT_EQ(ErrorReason(MakeDocumentParser(deployment::v1::DOCUMENT_FORMAT_UNSPECIFIED,
                                           kEnglishSpanish, [](auto, auto) {})
                            .status()),
            "INVALID_REQUEST");
}

TEST(Language, TagsAndCodes) {
  EXPECT_TRUE(TagMeansLanguage("en-GB", "eng"));
  EXPECT_TRUE(TagMeansLanguage("EN", "eng"));
  EXPECT_TRUE(TagMeansLanguage("spa", "spa"));
  EXPECT_FALSE(TagMeansLanguage("es", "eng"));
  EXPECT_FALSE(TagMeansLanguage("", "eng"));
  EXPECT_TRUE(CheckLanguage("f", "eng").ok());
  for (const char* bad : {"", "en", "ENG", "engl", "e1g"}) {
    EXPECT_EQ(ErrorReason(CheckLanguage("f", bad)), "INVALID_REQUEST") << bad;
  }
}

}  // namespace
}  // namespace keyward::model_deployment
