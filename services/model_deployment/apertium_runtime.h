#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_RUNTIME_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_RUNTIME_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/model_deployment/apertium_installation.h"
#include "services/model_deployment/apertium_pair.h"
#include "services/model_deployment/model_runtime.h"
#include "services/model_deployment/process_spawner.h"

namespace keyward::model_deployment {

// Debian's Apertium. A model is a resident pipeline of its own; the customer's memory and
// dictionaries stay in this process, in secret memory, and what reaches the pipeline is the text
// that they do not answer. Models must go before the runtime does.
class ApertiumRuntime final : public ModelRuntime {
 public:
  struct Options {
    // A worker that says nothing for so long while it is asked hangs, and is replaced.
    absl::Duration silence_limit = absl::Seconds(10);
  };

  ApertiumRuntime(ApertiumInstallation installation, Options options);

  absl::StatusOr<std::unique_ptr<ServedModel>> Load(const LanguagePair& pair,
                                                    ModelArtifact artifact) override;
  std::vector<LanguagePair> InstalledPairs() const override { return installation_.Pairs(); }

 private:
  // The shared part of a pair, made at its first use.
  absl::StatusOr<const ApertiumPair*> Prepared(const LanguagePair& pair);

  const ApertiumInstallation installation_;
  const Options options_;
  ProcessSpawner spawner_;
  absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<ApertiumPair>> pairs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_APERTIUM_RUNTIME_H_
