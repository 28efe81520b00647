#include "services/model_deployment/model_store.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Model;

StoredModel FromRow(const storage::Row& row) {
  StoredModel stored;
  Model& model = stored.model;
  model.set_name(row.GetString(0));
  for (absl::string_view document : absl::StrSplit(row.GetString(1), '\n', absl::SkipEmpty())) {
    model.add_documents(std::string(document));
  }
  model.set_state(static_cast<Model::State>(row.GetInt64(2)));
  model.set_state_message(row.GetString(3));
  model.set_undeploy_cause(static_cast<encryption::v1::Cause>(row.GetInt64(4)));
  model.set_state_event(row.GetString(5));
  *model.mutable_state_time() = ToProto(row.GetTime(6));
  if (!row.IsNull(7)) model.mutable_training()->ParseFromString(row.GetBlob(7));
  stored.artifact = row.GetString(8);
  stored.artifact_epoch = row.GetInt64(9);
  *model.mutable_create_time() = ToProto(row.GetTime(10));
  return stored;
}

}  // namespace

absl::Status InsertModel(storage::Transaction& tx, const Model& model) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("name", model.name()));
  absl::Status status =
      tx.Execute(
            "INSERT INTO models (name, account, project, documents, state, state_message, "
            "undeploy_cause, state_event, state_time, artifact, artifact_epoch, create_time) "
            "VALUES (:name, :account, :project, :documents, :state, :state_message, 0, '', "
            ":create_time, '', 0, :create_time)",
            {{"name", model.name()},
             {"account", name.account()},
             {"project", name.project()},
             {"documents", absl::StrJoin(model.documents(), "\n")},
             {"state", static_cast<int64_t>(model.state())},
             {"state_message", model.state_message()},
             {"create_time", FromProto(model.create_time())}})
          .status();
  return absl::IsAlreadyExists(status) ? ModelExists(model.name()) : status;
}

absl::StatusOr<StoredModel> GetModel(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT name, documents, state, state_message, undeploy_cause, state_event, "
                  "state_time, report, artifact, artifact_epoch, create_time FROM models "
                  "WHERE name = :name",
                  {{"name", std::string(name)}}));
  if (!row.has_value()) return ModelNotFound(name);
  return FromRow(*row);
}

absl::StatusOr<std::vector<Model>> ListModels(storage::Transaction& tx, absl::string_view project,
                                              const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query(
          "SELECT name, documents, state, state_message, undeploy_cause, state_event, "
          "state_time, report, artifact, artifact_epoch, create_time FROM models "
          "WHERE project = :project AND name > :after ORDER BY name LIMIT :limit",
          {{"project", std::string(project)}, {"after", page.after}, {"limit", page.size + 1}}));
  std::vector<Model> models;
  for (const storage::Row& row : rows) models.push_back(FromRow(row).model);
  return models;
}

absl::StatusOr<std::vector<std::string>> ModelsInState(storage::Transaction& tx,
                                                       Model::State state) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query("SELECT name FROM models WHERE state = :state ORDER BY create_time, name",
               {{"state", static_cast<int64_t>(state)}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(row.GetString(0));
  return names;
}

absl::StatusOr<bool> MoveModel(storage::Transaction& tx, absl::string_view name,
                               absl::Span<const Model::State> from, Model::State to,
                               absl::string_view message, absl::Time now) {
  KW_ASSIGN_OR_RETURN(StoredModel stored, GetModel(tx, name));
  if (std::find(from.begin(), from.end(), stored.model.state()) == from.end()) return false;
  KW_RETURN_IF_ERROR(tx.Execute("UPDATE models SET state = :state, state_message = :message, "
                                "undeploy_cause = 0, state_event = '', state_time = :now "
                                "WHERE name = :name",
                                {{"state", static_cast<int64_t>(to)},
                                 {"message", std::string(message)},
                                 {"now", now},
                                 {"name", std::string(name)}})
                         .status());
  return true;
}

absl::StatusOr<bool> FinishTraining(storage::Transaction& tx, absl::string_view name,
                                    const StoredModel& trained, absl::Time now) {
  KW_ASSIGN_OR_RETURN(
      int64_t changed,
      tx.Execute("UPDATE models SET state = :trained, state_message = '', state_time = :now, "
                 "report = :report, artifact = :artifact, artifact_epoch = :epoch "
                 "WHERE name = :name AND state = :training",
                 {{"trained", static_cast<int64_t>(Model::STATE_TRAINED)},
                  {"now", now},
                  {"report", storage::Blob(trained.model.training().SerializeAsString())},
                  {"artifact", trained.artifact},
                  {"epoch", trained.artifact_epoch},
                  {"name", std::string(name)},
                  {"training", static_cast<int64_t>(Model::STATE_TRAINING)}}));
  return changed == 1;
}

absl::StatusOr<int64_t> CountDeployedModels(storage::Transaction& tx, absl::string_view account) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT COUNT(*) FROM models WHERE account = :account AND state IN (4, 5)",
                  {{"account", std::string(account)}}));
  return row->GetInt64(0);
}

absl::Status MarkDeployedAsDeploying(storage::Transaction& tx, absl::Time now) {
  return tx
      .Execute(
          "UPDATE models SET state = :deploying, state_time = :now, "
          "state_message = 'The service started again and brings it back.' "
          "WHERE state = :deployed",
          {{"deploying", static_cast<int64_t>(Model::STATE_DEPLOYING)},
           {"deployed", static_cast<int64_t>(Model::STATE_DEPLOYED)},
           {"now", now}})
      .status();
}

absl::Status ApplyLossToModels(storage::Transaction& tx, const ModelLoss& loss) {
  // States 4 to 6 are DEPLOYING, DEPLOYED and UNDEPLOYING.
  KW_RETURN_IF_ERROR(tx.Execute("INSERT INTO loss_models (access_event, model) "
                                "SELECT CAST(:access_event AS TEXT), name FROM models "
                                "WHERE account = :account AND state IN (4, 5, 6)",
                                {{"access_event", loss.access_event}, {"account", loss.account}})
                         .status());
  std::string cause = CauseName(loss.cause);
  std::vector<storage::Parameter> common = {{"cause", static_cast<int64_t>(loss.cause)},
                                            {"event", loss.event},
                                            {"time", loss.time},
                                            {"account", loss.account}};
  auto with = [&](storage::Parameter message) {
    std::vector<storage::Parameter> parameters = common;
    parameters.push_back(std::move(message));
    return parameters;
  };
  KW_RETURN_IF_ERROR(
      tx.Execute("UPDATE models SET state = 7, state_message = :message, undeploy_cause = :cause, "
                 "state_event = :event, state_time = :time "
                 "WHERE account = :account AND state IN (4, 5, 6)",
                 with({"message", absl::StrCat("Access to the customer-managed key was lost (",
                                               cause, "). Once it is back, DeployModel.")}))
          .status());
  return tx
      .Execute(
          "UPDATE models SET state = 3, state_message = :message, undeploy_cause = :cause, "
          "state_event = :event, state_time = :time WHERE account = :account AND state = 1",
          with({"message",
                absl::StrCat("Access to the customer-managed key was lost (", cause,
                             ") during training. Upload the documents again and train another.")}))
      .status();
}

absl::StatusOr<std::vector<std::string>> ModelsUndeployedBy(storage::Transaction& tx,
                                                            absl::string_view access_event) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query("SELECT model FROM loss_models WHERE access_event = :event ORDER BY model",
               {{"event", std::string(access_event)}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) names.push_back(row.GetString(0));
  return names;
}

absl::StatusOr<std::vector<std::string>> ApplyArtifactLoss(storage::Transaction& tx,
                                                           absl::string_view account,
                                                           int64_t up_to_epoch,
                                                           absl::string_view event,
                                                           absl::Time now) {
  KW_ASSIGN_OR_RETURN(std::vector<storage::Row> rows,
                      tx.Query("SELECT name, artifact FROM models WHERE account = :account AND "
                               "artifact <> '' AND artifact_epoch <= :epoch",
                               {{"account", std::string(account)}, {"epoch", up_to_epoch}}));
  std::vector<std::string> names;
  for (const storage::Row& row : rows) {
    names.push_back(row.GetString(0));
    KW_RETURN_IF_ERROR(AddGarbage(tx, row.GetString(1)));
    KW_RETURN_IF_ERROR(
        tx.Execute("UPDATE models SET state = 3, artifact = '', state_event = :event, "
                   "state_time = :now, state_message = "
                   "'The key of its artifact was destroyed on request. Train another.' "
                   "WHERE name = :name",
                   {{"event", std::string(event)}, {"now", now}, {"name", row.GetString(0)}})
            .status());
  }
  return names;
}

}  // namespace keyward::model_deployment
