#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_RUNTIME_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_RUNTIME_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/model_deployment/model_runtime.h"

namespace keyward::model_deployment::testing {

// An engine without processes: translates "x" to "<x>", and memory entries to their targets.
class FakeRuntime final : public ModelRuntime {
 public:
  struct State {
    std::atomic<int> loaded{0};
    std::atomic<int> serving{0};
    std::atomic<bool> broken{false};
    // Called while a translation is under way.
    std::function<void()> during_translate;
  };

  explicit FakeRuntime(State& state) : state_(state) {}

  absl::StatusOr<std::unique_ptr<ServedModel>> Load(const LanguagePair& pair,
                                                    ModelArtifact artifact) override;
  std::vector<LanguagePair> InstalledPairs() const override { return {{"eng", "spa"}}; }

 private:
  State& state_;
};

}  // namespace keyward::model_deployment::testing

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TESTING_FAKE_RUNTIME_H_
