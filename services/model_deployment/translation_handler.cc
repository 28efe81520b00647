#include "services/model_deployment/translation_handler.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/unicode.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Model;
using deployment::v1::TranslateRequest;
using deployment::v1::TranslateResponse;

constexpr int kMostTexts = 1000;
constexpr size_t kMostCharacters = 50'000;

absl::Status CheckTexts(const TranslateRequest& request) {
  if (request.texts().empty() || request.texts_size() > kMostTexts) {
    return InvalidField("texts", "must have 1-1000 elements");
  }
  size_t characters = 0;
  for (int i = 0; i < request.texts_size(); ++i) {
    const std::string& text = request.texts(i);
    if (text.find('\0') != std::string::npos) {
      return InvalidField(absl::StrCat("texts[", i, "]"), "must hold no NUL character");
    }
    characters += DecodeUtf8(text).size();
  }
  if (characters > kMostCharacters) {
    return InvalidField("texts", "must have at most 50,000 characters in all; split the request");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TranslateResponse> TranslationHandler::Translate(const TranslateRequest& request) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("model", request.model()));
  KW_RETURN_IF_ERROR(CheckTexts(request));
  absl::StatusOr<AccessPass> pass = gates_.Enter(name.account());
  if (ErrorReason(pass.status()) == "ACCOUNT_UNKNOWN") return ModelNotFound(name.ToString());
  if (!pass.ok()) return pass.status();
  std::shared_ptr<ServedModel> model = deployments_.Find(name.ToString());
  if (model == nullptr) return ExplainAbsence(name);
  std::vector<std::string> texts(request.texts().begin(), request.texts().end());
  absl::StatusOr<std::vector<TranslatedText>> translated = model->Translate(texts);
  KW_RETURN_IF_ERROR(pass->Confirm());
  if (!translated.ok()) {
    return absl::IsInvalidArgument(translated.status())
               ? InvalidField("texts", translated.status().message())
               : EngineFailed(name.ToString());
  }
  TranslateResponse response;
  for (TranslatedText& text : *translated) {
    deployment::v1::Translation* translation = response.add_translations();
    translation->set_text(std::move(text.text));
    translation->set_origin(text.origin);
  }
  return response;
}

absl::Status TranslationHandler::ExplainAbsence(const ModelName& name) {
  Model model;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(StoredModel stored, GetModel(tx, name.ToString()));
    model = std::move(stored.model);
    return absl::OkStatus();
  }));
  if (model.state() == Model::STATE_DEPLOYING) return ModelBusy(name.ToString());
  if (model.state() == Model::STATE_DEPLOYED) {
    deployer_.Wake();
    return EngineFailed(name.ToString());
  }
  std::string state = Model::State_Name(model.state());
  return ModelNotDeployed(name.ToString(), absl::StripPrefix(state, "STATE_"));
}

}  // namespace keyward::model_deployment
