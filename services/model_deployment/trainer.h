#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/secret_bytes.h"
#include "keyward/deployment/v1/models.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/deployments.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/model_runtime.h"
#include "services/model_deployment/object_vault.h"
#include "services/model_deployment/training_corpus.h"

namespace keyward::model_deployment {

// What a model is trained from.
struct TrainingTask {
  std::string account;
  std::string model;
  LanguagePair languages;
  std::vector<StoredDocument> documents;
};

struct TrainedModel {
  crypto::SecretBytes artifact;
  deployment::v1::TrainingReport report;
};

// Trains models: reads the documents, decrypted as streams, filters and de-duplicates their pairs,
// holds some out (or takes those of testing documents, if there are any), and scores the plain
// engine and a model that does not know them on these. The artifact holds all pairs but those of
// testing documents; the same documents make the same one. Thread-safe.
class Trainer {
 public:
  Trainer(ObjectVault& vault, ModelRuntime& runtime, Deployments& deployments)
      : vault_(vault), runtime_(runtime), deployments_(deployments) {}

  // Errors: those of ObjectVault::Read, of the runtime, and those of `proceed`, which is asked
  // again and again.
  absl::StatusOr<TrainedModel> Train(const CallOrigin& origin, const TrainingTask& task,
                                     const std::function<absl::Status()>& proceed);

 private:
  // The BLEU of a model on the tests, with a worker that a loss of access kills as any other.
  absl::StatusOr<double> Score(const TrainingTask& task, ModelArtifact artifact,
                               const std::vector<SentencePair>& tests,
                               const std::function<absl::Status()>& proceed);

  ObjectVault& vault_;
  ModelRuntime& runtime_;
  Deployments& deployments_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINER_H_
