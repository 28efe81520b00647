#include "services/model_deployment/trainer.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/bleu.h"
#include "services/model_deployment/document_parser.h"
#include "services/model_deployment/model_artifact.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::DocumentType;

constexpr size_t kScoringBatch = 100;

// What the documents of a task hold.
struct Material {
  TrainingCorpus training;
  TrainingCorpus testing;
  std::vector<SentencePair> phrases;
  std::vector<SentencePair> sentences;
};

PairSink SinkFor(DocumentType type, Material& material) {
  switch (type) {
    case deployment::v1::DOCUMENT_TYPE_PHRASE_DICTIONARY:
      return [&](absl::string_view source, absl::string_view target) {
        material.phrases.push_back({std::string(source), std::string(target)});
      };
    case deployment::v1::DOCUMENT_TYPE_SENTENCE_DICTIONARY:
      return [&](absl::string_view source, absl::string_view target) {
        material.sentences.push_back({std::string(source), std::string(target)});
      };
    case deployment::v1::DOCUMENT_TYPE_TESTING:
      return [&](absl::string_view source, absl::string_view target) {
        material.testing.Add(source, target);
      };
    default:
      // This engine has no weights to tune: tuning documents teach as training documents do.
      return [&](absl::string_view source, absl::string_view target) {
        material.training.Add(source, target);
      };
  }
}

crypto::SecretBytes BuildArtifact(const std::vector<SentencePair>& memory,
                                  const Material& material) {
  ModelArtifactBuilder builder;
  for (const SentencePair& pair : memory) {
    builder.Add(ModelArtifact::kMemory, pair.source, pair.target);
  }
  for (const SentencePair& pair : material.sentences) {
    builder.Add(ModelArtifact::kSentences, pair.source, pair.target);
  }
  for (const SentencePair& pair : material.phrases) {
    builder.Add(ModelArtifact::kPhrases, pair.source, pair.target);
  }
  return builder.Build();
}

}  // namespace

absl::StatusOr<TrainedModel> Trainer::Train(const CallOrigin& origin, const TrainingTask& task,
                                            const std::function<absl::Status()>& proceed) {
  Material material;
  for (const StoredDocument& stored : task.documents) {
    KW_ASSIGN_OR_RETURN(std::unique_ptr<DocumentParser> parser,
                        MakeDocumentParser(stored.document.format(), task.languages,
                                           SinkFor(stored.document.type(), material)));
    KW_RETURN_IF_ERROR(vault_.Read(origin, {task.account, kUploadsScope, stored.document.name()},
                                   stored.blob, [&](absl::string_view bytes) -> absl::Status {
                                     KW_RETURN_IF_ERROR(proceed());
                                     return parser->Feed(bytes);
                                   }));
    KW_RETURN_IF_ERROR(parser->Finish());
  }
  // What the customer chose as tests stays unknown to the model. Pairs that are held out here are
  // known to it in the end: they are scored with a model that has not seen them, and then added.
  std::vector<SentencePair> tests = material.testing.pairs();
  if (!tests.empty()) material.training.Exclude(tests);
  const std::vector<SentencePair> remembered = material.training.pairs();
  if (tests.empty()) tests = material.training.HoldOut();
  TrainedModel trained;
  deployment::v1::TrainingReport& report = trained.report;
  report.set_pairs_read(material.training.read());
  report.set_pairs_dropped(material.training.dropped());
  report.set_pairs_trained(static_cast<int64_t>(remembered.size()));
  report.set_pairs_held_out(static_cast<int64_t>(tests.size()));
  report.set_sentence_entries(static_cast<int64_t>(material.sentences.size()));
  report.set_phrase_entries(static_cast<int64_t>(material.phrases.size()));
  trained.artifact = BuildArtifact(remembered, material);
  if (tests.empty()) return trained;
  KW_ASSIGN_OR_RETURN(ModelArtifact unknowing,
                      ModelArtifact::Parse(BuildArtifact(material.training.pairs(), material)));
  KW_ASSIGN_OR_RETURN(double bleu, Score(task, std::move(unknowing), tests, proceed));
  KW_ASSIGN_OR_RETURN(double baseline, Score(task, ModelArtifact(), tests, proceed));
  report.set_bleu(bleu);
  report.set_baseline_bleu(baseline);
  return trained;
}

absl::StatusOr<double> Trainer::Score(const TrainingTask& task, ModelArtifact artifact,
                                      const std::vector<SentencePair>& tests,
                                      const std::function<absl::Status()>& proceed) {
  KW_ASSIGN_OR_RETURN(std::shared_ptr<ServedModel> model,
                      runtime_.Load(task.languages, std::move(artifact)));
  // No resource has such a name, so nobody else finds it.
  std::string name = absl::StrCat(task.model, "#training");
  deployments_.Add(task.account, name, model);
  absl::Cleanup unload = [&] { deployments_.Unload(name); };
  BleuScorer scorer;
  for (size_t begin = 0; begin < tests.size(); begin += kScoringBatch) {
    KW_RETURN_IF_ERROR(proceed());
    std::vector<std::string> sources;
    for (size_t i = begin; i < std::min(begin + kScoringBatch, tests.size()); ++i) {
      sources.push_back(tests[i].source);
    }
    KW_ASSIGN_OR_RETURN(std::vector<TranslatedText> translated, model->Translate(sources));
    for (size_t i = 0; i < translated.size(); ++i) {
      scorer.Add(translated[i].text, tests[begin + i].target);
    }
  }
  return scorer.Score();
}

}  // namespace keyward::model_deployment
