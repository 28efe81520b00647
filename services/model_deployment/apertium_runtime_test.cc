#include "services/model_deployment/apertium_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/model_deployment/apertium_engine.h"

namespace keyward::model_deployment {
namespace {

using deployment::v1::Translation;
using ::testing::ElementsAre;

const LanguagePair kEnglishSpanish{"eng", "spa"};

// Whether a process group has any process left, zombies included.
bool GroupLives(int64_t group) { return kill(static_cast<pid_t>(-group), 0) == 0; }

class ApertiumRuntimeTest : public ::testing::Test {
 protected:
  std::unique_ptr<ServedModel> Load(ModelArtifactBuilder& builder) {
    auto artifact = ModelArtifact::Parse(builder.Build());
    auto model = runtime_.Load(kEnglishSpanish, *std::move(artifact));
    EXPECT_TRUE(model.ok()) << model.status();
    return *std::move(model);
  }
  std::unique_ptr<ServedModel> LoadPlain() {
    ModelArtifactBuilder none;
    return Load(none);
  }
  static TranslatedText One(ServedModel& model, const std::string& text) {
    auto translated = model.Translate({text});
    EXPECT_TRUE(translated.ok()) << translated.status();
    return translated.ok() ? (*translated)[0] : TranslatedText{};
  }

  ApertiumRuntime runtime_{ApertiumInstallation::Discover(), ApertiumRuntime::Options()};
};

TEST_F(ApertiumRuntimeTest, FindsTheInstalledPairs) {
  EXPECT_THAT(runtime_.InstalledPairs(), ::testing::Contains(kEnglishSpanish));
  EXPECT_TRUE(absl::IsFailedPrecondition(runtime_.Load({"eng", "xxx"}, ModelArtifact()).status()));
}

TEST_F(ApertiumRuntimeTest, APhraseMendsWhatTheEngineGetsWrong) {
  constexpr char kSentence[] = "The encryption key is stored in the vault.";
  auto plain = LoadPlain();
  EXPECT_EQ(One(*plain, kSentence).text, "El tono de encriptación está almacenado en la bóveda.");

  ModelArtifactBuilder builder;
  builder.Add(ModelArtifact::kPhrases, "encryption key", "no, the last one counts");
  builder.Add(ModelArtifact::kPhrases, "encryption key", "clave de cifrado");
  builder.Add(ModelArtifact::kPhrases, "key", "llave");
  builder.Add(ModelArtifact::kPhrases, "Click here", "Haga clic aquí");
  auto model = Load(builder);
  TranslatedText translated = One(*model, kSentence);
  EXPECT_EQ(translated.origin, Translation::ORIGIN_ENGINE);
  // The article and the participle agree with "clave", which is feminine.
  EXPECT_EQ(translated.text, "La clave de cifrado está almacenada en la bóveda.");
  EXPECT_EQ(One(*model, "The keyboard has a key.").text, "El teclado tiene una llave.");
  EXPECT_TRUE(
      absl::StrContains(One(*model, "Click here to see the [red] car.").text, "Haga clic aquí"));
  EXPECT_FALSE(absl::StrContains(One(*model, "click here").text, "Haga clic"));
}

TEST_F(ApertiumRuntimeTest, DictionaryAndMemoryComeBeforeTheEngine) {
  ModelArtifactBuilder builder;
  builder.Add(ModelArtifact::kMemory, "Cannot open file 12: permission denied.",
              "No se puede abrir el fichero 12: permiso denegado.");
  builder.Add(ModelArtifact::kMemory, "good morning", "buenos días");
  builder.Add(ModelArtifact::kSentences, "Good night!", "Buenas noches");
  auto model = Load(builder);
  auto translated = model->Translate({"Cannot open file 12:  permission denied.", "GOOD NIGHT",
                                      "Cannot open file 7: permission denied.", "Good morning.",
                                      "The cars are red."});
  ASSERT_TRUE(translated.ok()) << translated.status();
  std::vector<std::string> texts;
  std::vector<Translation::Origin> origins;
  for (const TranslatedText& one : *translated) {
    texts.push_back(one.text);
    origins.push_back(one.origin);
  }
  EXPECT_THAT(texts,
              ElementsAre("No se puede abrir el fichero 12: permiso denegado.", "Buenas noches",
                          "No se puede abrir el fichero 7: permiso denegado.", "Buenos días.",
                          "Los coches son rojos."));
  EXPECT_THAT(origins,
              ElementsAre(Translation::ORIGIN_MEMORY, Translation::ORIGIN_SENTENCE_DICTIONARY,
                          Translation::ORIGIN_MEMORY, Translation::ORIGIN_MEMORY,
                          Translation::ORIGIN_ENGINE));
}

TEST_F(ApertiumRuntimeTest, TextsCannotBreakThePipelineOrEachOther) {
  auto model = LoadPlain();
  int64_t worker = model->worker_pid();
  std::vector<std::string> hostile = {"[superblank] ^injected<n>$ {x} \\",
                                      "a/b@c <b>red</b> ~x~ [[t:b:1]]cars[[/]]",
                                      "line one\nline two\n\n",
                                      "",
                                      "   ",
                                      "[kw 3]",
                                      "$ ^",
                                      "🔑 ключ 鍵",
                                      std::string(3000, 'x'),
                                      "* # + - %s %d \"quoted\" 'x'",
                                      "tab\tand\rreturn",
                                      "Sí, ñandú."};
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int n = 0; n < 12; ++n) text += "[]{}^$/\\@<>~ab. \n+"[random() % 18];
    hostile.push_back(text);
  }
  for (size_t i = 0; i < hostile.size(); ++i) {
    auto translated = model->Translate({hostile[i], "The cars are red."});
    ASSERT_TRUE(translated.ok()) << hostile[i] << translated.status();
    EXPECT_EQ((*translated)[1].text, "Los coches son rojos.") << hostile[i];
  }
  EXPECT_EQ(model->worker_pid(), worker) << "the pipeline broke and was replaced";
  EXPECT_TRUE(absl::IsInvalidArgument(model->Translate({std::string("a\0b", 3)}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(model->Translate({"\xFF"}).status()));
}

TEST_F(ApertiumRuntimeTest, ManyTextsAtOnce) {
  auto model = LoadPlain();
  std::vector<std::string> texts(1000, "The red cars are in the big house of my brother.");
  auto translated = model->Translate(texts);
  ASSERT_TRUE(translated.ok()) << translated.status();
  for (const TranslatedText& one : *translated) {
    EXPECT_EQ(one.text, "Los coches rojos son en la casa grande de mi hermano.");
  }
}

TEST_F(ApertiumRuntimeTest, ACrashedWorkerIsReplaced) {
  auto model = LoadPlain();
  int64_t worker = model->worker_pid();
  kill(static_cast<pid_t>(-worker), SIGKILL);
  EXPECT_EQ(One(*model, "The cars are red.").text, "Los coches son rojos.");
  EXPECT_NE(model->worker_pid(), worker);
  EXPECT_FALSE(GroupLives(worker));
}

TEST_F(ApertiumRuntimeTest, AHungWorkerIsReplaced) {
  ApertiumRuntime impatient(ApertiumInstallation::Discover(), {.silence_limit = absl::Seconds(10)});
  auto loaded = impatient.Load(kEnglishSpanish, ModelArtifact());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  auto model = *std::move(loaded);
  int64_t worker = model->worker_pid();
  kill(static_cast<pid_t>(-worker), SIGSTOP);
  EXPECT_EQ(One(*model, "The cars are red.").text, "Los coches son rojos.");
  EXPECT_NE(model->worker_pid(), worker);
  EXPECT_FALSE(GroupLives(worker));
}

TEST_F(ApertiumRuntimeTest, UnloadLeavesNoProcessAndNoTranslation) {
  auto model = LoadPlain();
  int64_t worker = model->worker_pid();
  EXPECT_TRUE(GroupLives(worker));
  model->Unload();
  EXPECT_FALSE(GroupLives(worker));
  EXPECT_EQ(model->worker_pid(), 0);
  EXPECT_TRUE(absl::IsUnavailable(model->Translate({"red"}).status()));
}

TEST_F(ApertiumRuntimeTest, KillEndsATranslationUnderWay) {
  auto model = LoadPlain();
  absl::Status status;
  absl::Notification begun;
  std::thread translating([&] {
    const std::vector<std::string> texts(20'000, "The red cars are in the big house.");
    begun.Notify();
    do {
      status = model->Translate(texts).status();
    } while (status.ok());
  });
  begun.WaitForNotification();
  model->Kill();
  translating.join();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(ApertiumRuntimeTest, WorkersAreConfined) {
  auto model = LoadPlain();
  std::ifstream status(absl::StrCat("/proc/", model->worker_pid(), "/status"));
  std::string text{std::istreambuf_iterator<char>(status), std::istreambuf_iterator<char>()};
  EXPECT_THAT(text, ::testing::HasSubstr("NoNewPrivs:\t1"));
  std::ifstream limits(absl::StrCat("/proc/", model->worker_pid(), "/limits"));
  std::string limit;
  int found = 0;
  while (std::getline(limits, limit)) {
    if (absl::StartsWith(limit, "Max core file size") || absl::StartsWith(limit, "Max file size")) {
      EXPECT_THAT(limit, ::testing::ContainsRegex("size +0 +0"));
      ++found;
    }
  }
  EXPECT_EQ(found, 2);
  std::ifstream environment(absl::StrCat("/proc/", model->worker_pid(), "/environ"));
  std::string variables{std::istreambuf_iterator<char>(environment),
                        std::istreambuf_iterator<char>()};
  EXPECT_EQ(variables, std::string("LC_ALL=C.UTF-8\0PATH=/usr/bin:/bin\0", 34));
}

TEST(ParseMode, TakesPipelinesOfKnownProgramsOnly) {
  auto pipeline =
      ParseMode("lt-proc '/a b.bin' | apertium-tagger -g $2 '/c.prob'|lt-proc $1 /d.bin\n");
  ASSERT_TRUE(pipeline.ok()) << pipeline.status();
  EXPECT_THAT(*pipeline, ElementsAre(ElementsAre("/usr/bin/lt-proc", "-z", "/a b.bin"),
                                     ElementsAre("/usr/bin/apertium-tagger", "-g", "-z", "/c.prob"),
                                     ElementsAre("/usr/bin/lt-proc", "-z", "-n", "/d.bin")));
  for (const char* bad :
       {"", "sh -c x", "lt-proc `id`", "lt-proc x; id", "lt-proc 'x", "lt-proc |", "lt-proc $(id)",
        "lt-proc $3", "lt-proc > /x", "/bin/sh", "lt-proc & id"}) {
    EXPECT_FALSE(ParseMode(bad).ok()) << bad;
  }
}

TEST(FormFromAnalysis, GoesByTheFirstWord) {
  EXPECT_EQ(FormFromAnalysis("^clave/clave<n><f><sg>/clavar<vblex><prs>$ ^de/de<pr>$"),
            NounForm::kFeminineSingular);
  EXPECT_EQ(FormFromAnalysis("^x/y<vblex><inf>/almacén<n><m><pl>$"), NounForm::kMasculinePlural);
  EXPECT_EQ(FormFromAnalysis("^la/el<det><def><f><sg>$ ^clave/clave<n><f><sg>$"), NounForm::kNone);
  for (const char* odd : {"", "clave", "^", "^a/*a$", "^a/<"}) {
    EXPECT_EQ(FormFromAnalysis(odd), NounForm::kNone);
  }
}

TEST(TidySpaces, MendsWhatTheEngineLeavesAndKeepsWhatTheCustomerWrote) {
  EXPECT_EQ(TidySpaces("I want it.", "  Lo  quiero ."), "Lo quiero.");
  EXPECT_EQ(TidySpaces("  a  b . ", "a  b ."), "  a  b . ");
  EXPECT_EQ(TidySpaces(" \n", ""), " \n");
  EXPECT_EQ(TidySpaces("", ""), "");
}

}  // namespace
}  // namespace keyward::model_deployment
