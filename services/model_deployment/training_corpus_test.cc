#include "services/model_deployment/training_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "services/model_deployment/sentence_key.h"
#include "services/model_deployment/sentence_table.h"

namespace keyward::model_deployment {
namespace {

TEST(TrainingCorpus, DropsWhatTeachesNothingAndCountsIt) {
  TrainingCorpus corpus;
  corpus.Add("one", "uno");
  corpus.Add("", "x");
  corpus.Add("x", "  ");
  corpus.Add("same", "same");
  corpus.Add(std::string(3000, 'a'), "largo");
  corpus.Add("a", std::string(200, 'b'));
  corpus.Add(" one ", "una");
  corpus.Add("yes", "afirmativo, señor");
  EXPECT_EQ(corpus.read(), 8);
  EXPECT_EQ(corpus.dropped(), 6);
  ASSERT_EQ(corpus.pairs().size(), 2u);
  EXPECT_EQ(corpus.pairs()[0].target, "una") << "the last translation of a sentence counts";
  EXPECT_EQ(corpus.pairs()[1].source, "yes");
}

TrainingCorpus Numbered(int pairs) {
  TrainingCorpus corpus;
  for (int i = 0; i < pairs; ++i) corpus.Add(absl::StrCat("s ", i), absl::StrCat("t ", i));
  return corpus;
}

TEST(TrainingCorpus, HoldsOutTheSamePairsEachTimeAndLearnsNoneOfThem) {
  struct Case {
    int pairs, held_out;
  };
  for (const Case& c : {Case{0, 0}, Case{19, 0}, Case{20, 2}, Case{1000, 100}, Case{5000, 500},
                        Case{12'000, 600}, Case{30'000, 1000}}) {
    TrainingCorpus corpus = Numbered(c.pairs);
    std::vector<SentencePair> tests = corpus.HoldOut();
    EXPECT_EQ(tests.size(), static_cast<size_t>(c.held_out)) << c.pairs;
    EXPECT_EQ(corpus.pairs().size() + tests.size(), static_cast<size_t>(c.pairs));
    std::set<std::string> learnt;
    for (const SentencePair& pair : corpus.pairs()) learnt.insert(pair.source);
    for (const SentencePair& test : tests) EXPECT_EQ(learnt.count(test.source), 0u);
    std::vector<SentencePair> again = Numbered(c.pairs).HoldOut();
    ASSERT_EQ(again.size(), tests.size());
    for (size_t i = 0; i < tests.size(); ++i) EXPECT_EQ(again[i].source, tests[i].source);
  }
}

TEST(SentenceKey, TellsWhenSentencesCountAsTheSame) {
  EXPECT_EQ(ExactKey("  a \t b\n"), "a b");
  EXPECT_EQ(LooseKey("Árbol VERDE. "), "árbol verde");
  EXPECT_EQ(LooseKey("..."), "...");
  EXPECT_EQ(NumberlessKey("Page 12 of 345."), "page 0 of 0");
  EXPECT_THAT(NumbersIn("a1b22c333"), ::testing::ElementsAre("1", "22", "333"));
}

TEST(SentenceKey, AdaptsATranslation) {
  EXPECT_EQ(AdaptTranslation("Page 7 of 9.", "page 1 of 2", "página 1 de 2"), "Página 7 de 9.");
  EXPECT_EQ(AdaptTranslation("good day", "Good day!", "¡Buenos días!"), "¡Buenos días");
  EXPECT_EQ(AdaptTranslation("open", "Open", "Ábrelo"), "ábrelo");
  EXPECT_EQ(AdaptTranslation("Error 5", "error 4", "error"), "") << "the number would be lost";
  EXPECT_EQ(AdaptTranslation("1 of 2", "3 of 4", "4 de 3"), "") << "the order is another";
  EXPECT_EQ(AdaptTranslation("the API", "The API", "API, la"), "API, la");
}

TEST(SentenceTable, PrefersTheSameSentenceThenTheLikeOne) {
  std::vector<Entry> entries = {{"Stop", "Alto"}, {"stop", "parar"}, {"Line 3", "Línea 3"}};
  SentenceTable memory(entries, /*numberless=*/true);
  EXPECT_EQ(memory.Find("Stop"), "Alto");
  EXPECT_EQ(memory.Find("stop"), "parar");
  EXPECT_EQ(memory.Find("STOP!"), "Parar!");
  EXPECT_EQ(memory.Find("line 44."), "línea 44.");
  EXPECT_EQ(memory.Find("go"), std::nullopt);
  EXPECT_EQ(memory.Find(" "), std::nullopt);
  SentenceTable dictionary(entries, /*numberless=*/false);
  EXPECT_EQ(dictionary.Find("line 44."), std::nullopt);
}

}  // namespace
}  // namespace keyward::model_deployment
