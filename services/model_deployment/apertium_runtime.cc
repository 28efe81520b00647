#include "services/model_deployment/apertium_runtime.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/apertium_engine.h"
#include "services/model_deployment/phrase_dictionary.h"
#include "services/model_deployment/sentence_table.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Translation;

// Memory and dictionaries in front of the engine.
class ApertiumModel final : public ServedModel {
 public:
  ApertiumModel(ModelArtifact artifact, std::vector<NounForm> forms,
                std::unique_ptr<ApertiumEngine> engine)
      : artifact_(std::move(artifact)),
        sentences_(artifact_.entries(ModelArtifact::kSentences), /*numberless=*/false),
        memory_(artifact_.entries(ModelArtifact::kMemory), /*numberless=*/true),
        phrases_(artifact_.entries(ModelArtifact::kPhrases), std::move(forms)),
        engine_(std::move(engine)) {}

  absl::StatusOr<std::vector<TranslatedText>> Translate(
      absl::Span<const std::string> texts) override {
    std::vector<TranslatedText> translated(texts.size());
    std::vector<Sentence> asked;
    std::vector<size_t> numbers;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (absl::StrContains(texts[i], '\0') || !IsValidUtf8(texts[i])) {
        return absl::InvalidArgumentError(
            absl::StrCat("texts[", i, "] must be UTF-8 without NUL characters"));
      }
      if (auto found = sentences_.Find(texts[i])) {
        translated[i] = {*std::move(found), Translation::ORIGIN_SENTENCE_DICTIONARY};
      } else if (auto remembered = memory_.Find(texts[i])) {
        translated[i] = {*std::move(remembered), Translation::ORIGIN_MEMORY};
      } else {
        asked.push_back(phrases_.Split(texts[i]));
        numbers.push_back(i);
      }
    }
    if (asked.empty()) return translated;
    KW_ASSIGN_OR_RETURN(std::vector<std::string> answers, engine_->Translate(asked));
    for (size_t i = 0; i < answers.size(); ++i) {
      translated[numbers[i]] = {std::move(answers[i]), Translation::ORIGIN_ENGINE};
    }
    return translated;
  }

  void Kill() override { engine_->Kill(); }
  void Unload() override { engine_->Unload(); }
  int64_t worker_pid() const override { return engine_->worker_pid(); }

 private:
  const ModelArtifact artifact_;
  const SentenceTable sentences_;
  const SentenceTable memory_;
  const PhraseDictionary phrases_;
  const std::unique_ptr<ApertiumEngine> engine_;
};

}  // namespace

ApertiumRuntime::ApertiumRuntime(ApertiumInstallation installation, Options options)
    : installation_(std::move(installation)), options_(options) {}

absl::StatusOr<std::unique_ptr<ServedModel>> ApertiumRuntime::Load(const LanguagePair& pair,
                                                                   ModelArtifact artifact) {
  KW_ASSIGN_OR_RETURN(const ApertiumPair* prepared, Prepared(pair));
  std::vector<std::string> targets;
  for (const Entry& entry : artifact.entries(ModelArtifact::kPhrases)) {
    targets.emplace_back(entry.target);
  }
  KW_ASSIGN_OR_RETURN(std::vector<NounForm> forms, prepared->FormsOf(spawner_, targets));
  auto engine = std::make_unique<ApertiumEngine>(spawner_, *prepared, options_.silence_limit);
  KW_RETURN_IF_ERROR(engine->Start());
  return std::make_unique<ApertiumModel>(std::move(artifact), std::move(forms), std::move(engine));
}

absl::StatusOr<const ApertiumPair*> ApertiumRuntime::Prepared(const LanguagePair& pair) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<ApertiumPair>& prepared = pairs_[pair.ToString()];
  if (prepared == nullptr) {
    const Pipeline* pipeline = installation_.Find(pair);
    if (pipeline == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("Apertium's pair ", pair.ToString(), " is not installed"));
    }
    KW_ASSIGN_OR_RETURN(prepared, ApertiumPair::Prepare(spawner_, *pipeline,
                                                        installation_.AnalyserOf(pair.target)));
  }
  return prepared.get();
}

}  // namespace keyward::model_deployment
