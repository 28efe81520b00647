#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_RUNTIME_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_RUNTIME_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "keyward/deployment/v1/translation.pb.h"
#include "services/model_deployment/language.h"
#include "services/model_deployment/model_artifact.h"

namespace keyward::model_deployment {

// A text translated, and where the translation comes from.
struct TranslatedText {
  std::string text;
  deployment::v1::Translation::Origin origin = deployment::v1::Translation::ORIGIN_ENGINE;
};

// A model that serves, with a worker of its own. Thread-safe. When it goes, its worker is gone and
// its bytes are wiped.
class ServedModel {
 public:
  virtual ~ServedModel() = default;

  // One translation a text, in order. INVALID_ARGUMENT: a text holds NUL or is not UTF-8.
  // UNAVAILABLE: the engine failed, or Kill came.
  virtual absl::StatusOr<std::vector<TranslatedText>> Translate(
      absl::Span<const std::string> texts) = 0;

  // Ends the worker for good, at once, without waiting until its processes are gone. Translate
  // fails from now on.
  virtual void Kill() = 0;
  // The same, and returns when they are gone.
  virtual void Unload() = 0;

  // The worker's process; 0 while there is none.
  virtual int64_t worker_pid() const = 0;
};

// An engine that models are loaded into. Thread-safe.
class ModelRuntime {
 public:
  virtual ~ModelRuntime() = default;

  // Starts a worker for the pair with the customer's part, and returns once it translates; an empty
  // artifact gives the plain engine. FAILED_PRECONDITION: the pair is not installed. UNAVAILABLE:
  // no worker could be started.
  virtual absl::StatusOr<std::unique_ptr<ServedModel>> Load(const LanguagePair& pair,
                                                            ModelArtifact artifact) = 0;

  // What can be loaded.
  virtual std::vector<LanguagePair> InstalledPairs() const = 0;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_RUNTIME_H_
