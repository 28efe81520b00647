#include "services/model_deployment/model_handler.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "common/storage/request_ids.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/timestamps.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Model;

constexpr int kMostDocuments = 100;

// The documents of a training must be there, in the project's workspace and of its languages.
absl::Status CheckDocuments(storage::Transaction& tx, const ProjectName& parent,
                            const Model& wanted) {
  KW_ASSIGN_OR_RETURN(deployment::v1::Project project, GetProject(tx, parent.ToString()));
  if (wanted.documents().empty() || wanted.documents_size() > kMostDocuments) {
    return InvalidField("model.documents", "must name 1-100 documents of the workspace");
  }
  std::set<std::string> seen;
  for (int i = 0; i < wanted.documents_size(); ++i) {
    std::string field = absl::StrCat("model.documents[", i, "]");
    KW_ASSIGN_OR_RETURN(DocumentName name, DocumentName::Parse(field, wanted.documents(i)));
    if (name.workspace() != parent.workspace()) {
      return InvalidField(field, "must be a document of the project's workspace");
    }
    if (!seen.insert(name.ToString()).second) return InvalidField(field, "is named twice");
    KW_ASSIGN_OR_RETURN(StoredDocument stored, GetDocument(tx, name.ToString()));
    if (stored.document.source_language() != project.source_language() ||
        stored.document.target_language() != project.target_language()) {
      return InvalidField(field, absl::StrCat("must be ", project.source_language(), " to ",
                                              project.target_language(), " as the project is"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Model> ModelHandler::Train(const server::CallContext& call,
                                          const deployment::v1::TrainModelRequest& request) {
  KW_ASSIGN_OR_RETURN(ProjectName parent, ProjectName::Parse("parent", request.parent()));
  KW_RETURN_IF_ERROR(CheckId("model_id", request.model_id()));
  KW_RETURN_IF_ERROR(database_.Read(
      [&](storage::Transaction& tx) { return GetProject(tx, parent.ToString()).status(); }));
  KW_RETURN_IF_ERROR(gates_.Enter(parent.account()).status());
  auto model = storage::IdempotentWrite<Model>(
      database_, clock_.Now(), call.caller.principal, request,
      [&](storage::Transaction& tx) -> absl::StatusOr<Model> {
        KW_RETURN_IF_ERROR(CheckDocuments(tx, parent, request.model()));
        KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, parent.account()));
        if (account.has_value() && account->verdict == encryption::v1::VERDICT_DENIED) {
          return AccessDenied(account->name, account->denial, account->message);
        }
        Model model;
        model.set_name(absl::StrCat(request.parent(), "/models/", request.model_id()));
        *model.mutable_documents() = request.model().documents();
        model.set_state(Model::STATE_TRAINING);
        model.set_state_message("In training; GetModel shows when it is TRAINED.");
        *model.mutable_create_time() = ToProto(clock_.Now());
        *model.mutable_state_time() = model.create_time();
        KW_RETURN_IF_ERROR(InsertModel(tx, model));
        return model;
      });
  if (model.ok()) training_.Wake();
  return model;
}

absl::StatusOr<Model> ModelHandler::Get(const deployment::v1::GetModelRequest& request) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("name", request.name()));
  return Show(name.ToString());
}

absl::StatusOr<Model> ModelHandler::Show(const std::string& name) {
  Model model;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(StoredModel stored, GetModel(tx, name));
    model = std::move(stored.model);
    return absl::OkStatus();
  }));
  if (model.state() == Model::STATE_DEPLOYED) model.set_worker_pid(deployments_.WorkerPid(name));
  return model;
}

absl::StatusOr<deployment::v1::ListModelsResponse> ModelHandler::List(
    const deployment::v1::ListModelsRequest& request) {
  KW_ASSIGN_OR_RETURN(ProjectName parent, ProjectName::Parse("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(storage::Page page, storage::ParsePage(request));
  deployment::v1::ListModelsResponse response;
  if (gates_.Denied(parent.account())) return response;
  std::vector<Model> models;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(models, ListModels(tx, parent.ToString(), page));
    return absl::OkStatus();
  }));
  if (gates_.Denied(parent.account())) return response;
  response.set_next_page_token(
      storage::CutPage(request, page, models, [](const Model& last) { return last.name(); }));
  for (Model& model : models) {
    if (model.state() == Model::STATE_DEPLOYED) {
      model.set_worker_pid(deployments_.WorkerPid(model.name()));
    }
    *response.add_models() = std::move(model);
  }
  return response;
}

absl::StatusOr<Model> ModelHandler::Deploy(const server::CallContext& call,
                                           const deployment::v1::DeployModelRequest& request) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("name", request.name()));
  CallOrigin origin{call.correlation_id, call.deadline};
  KW_RETURN_IF_ERROR(deployer_.Deploy(origin, name));
  usage_.ChangedNow(origin, name.account());
  return Show(name.ToString());
}

absl::StatusOr<Model> ModelHandler::Undeploy(const server::CallContext& call,
                                             const deployment::v1::UndeployModelRequest& request) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("name", request.name()));
  KW_RETURN_IF_ERROR(deployer_.Undeploy(name));
  usage_.ChangedNow({call.correlation_id, call.deadline}, name.account());
  return Show(name.ToString());
}

}  // namespace keyward::model_deployment
