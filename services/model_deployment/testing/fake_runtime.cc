#include "services/model_deployment/testing/fake_runtime.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace keyward::model_deployment::testing {

namespace {

class FakeModel final : public ServedModel {
 public:
  FakeModel(FakeRuntime::State& state, ModelArtifact artifact, int64_t pid)
      : state_(state), artifact_(std::move(artifact)), pid_(pid) {
    ++state_.serving;
  }
  ~FakeModel() override { Kill(); }

  absl::StatusOr<std::vector<TranslatedText>> Translate(
      absl::Span<const std::string> texts) override {
    std::vector<TranslatedText> translated;
    for (const std::string& text : texts) {
      TranslatedText one{absl::StrCat("<", text, ">")};
      for (const Entry& entry : artifact_.entries(ModelArtifact::kMemory)) {
        if (entry.source == text) {
          one = {std::string(entry.target), deployment::v1::Translation::ORIGIN_MEMORY};
        }
      }
      translated.push_back(std::move(one));
    }
    if (state_.during_translate) state_.during_translate();
    if (killed_ || state_.broken) return absl::UnavailableError("no worker");
    return translated;
  }

  void Kill() override {
    if (!killed_.exchange(true)) --state_.serving;
  }
  void Unload() override { Kill(); }
  int64_t worker_pid() const override { return killed_ ? 0 : pid_; }

 private:
  FakeRuntime::State& state_;
  const ModelArtifact artifact_;
  const int64_t pid_;
  std::atomic<bool> killed_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServedModel>> FakeRuntime::Load(const LanguagePair&,
                                                               ModelArtifact artifact) {
  if (state_.broken) return absl::UnavailableError("no worker");
  return std::make_unique<FakeModel>(state_, std::move(artifact), 1000 + ++state_.loaded);
}

}  // namespace keyward::model_deployment::testing
