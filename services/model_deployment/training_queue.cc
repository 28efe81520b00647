#include "services/model_deployment/training_queue.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Model;

constexpr absl::Duration kRetry = absl::Milliseconds(500);

// Whether a later attempt may succeed, or the state of the model is the business of others: a
// denial that is final becomes one through the feed.
bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsFailedPrecondition(status) || absl::IsCancelled(status);
}

}  // namespace

TrainingQueue::TrainingQueue(storage::Database& database, AccessGates& gates, ObjectVault& vault,
                             Trainer& trainer, const clock::Clock& clock)
    : database_(database),
      gates_(gates),
      vault_(vault),
      trainer_(trainer),
      clock_(clock),
      worker_(clock) {}

absl::Duration TrainingQueue::Step() {
  std::vector<std::string> models;
  absl::Status status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(models, ModelsInState(tx, Model::STATE_TRAINING));
    return absl::OkStatus();
  });
  absl::Duration wait = status.ok() ? absl::InfiniteDuration() : kRetry;
  for (const std::string& model : models) {
    if (worker_.stopping()) break;
    status = Run(model);
    if (status.ok()) continue;
    server::Log(server::Severity::kWarning, "training.attempt_failed",
                {{"model", model}, {"error", status.ToString()}});
    if (IsPassing(status) || !Fail(model, status).ok()) wait = kRetry;
  }
  return wait;
}

absl::Status TrainingQueue::Run(const std::string& model) {
  KW_ASSIGN_OR_RETURN(TrainingTask task, Prepare(model));
  KW_ASSIGN_OR_RETURN(AccessPass pass, gates_.Enter(task.account));
  CallOrigin origin{server::NewCorrelationId()};
  auto proceed = [&]() -> absl::Status {
    if (worker_.stopping()) return absl::CancelledError("the service stops");
    return pass.Confirm();
  };
  absl::StatusOr<TrainedModel> trained = trainer_.Train(origin, task, proceed);
  // What went wrong because the gate closed is the gate's to explain.
  KW_RETURN_IF_ERROR(pass.Confirm());
  if (!trained.ok()) return trained.status();
  return Store(origin, task, *std::move(trained), pass);
}

absl::StatusOr<TrainingTask> TrainingQueue::Prepare(const std::string& model) {
  KW_ASSIGN_OR_RETURN(ModelName name, ModelName::Parse("name", model));
  TrainingTask task;
  task.account = name.account();
  task.model = model;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(StoredModel stored, GetModel(tx, model));
    KW_ASSIGN_OR_RETURN(deployment::v1::Project project, GetProject(tx, name.project()));
    task.languages = {project.source_language(), project.target_language()};
    task.documents.clear();
    for (const std::string& document : stored.model.documents()) {
      KW_ASSIGN_OR_RETURN(StoredDocument found, GetDocument(tx, document));
      task.documents.push_back(std::move(found));
    }
    return absl::OkStatus();
  }));
  return task;
}

absl::Status TrainingQueue::Store(const CallOrigin& origin, const TrainingTask& task,
                                  TrainedModel trained, const AccessPass& pass) {
  KW_ASSIGN_OR_RETURN(std::unique_ptr<ObjectWriter> writer,
                      vault_.Create(origin, {task.account, kModelsScope, task.model}));
  KW_RETURN_IF_ERROR(writer->Append(trained.artifact.ExposeSecret()));
  KW_RETURN_IF_ERROR(writer->Publish());
  KW_FAULT_POINT("training.before_commit");
  KW_RETURN_IF_ERROR(pass.Confirm());
  StoredModel stored;
  *stored.model.mutable_training() = trained.report;
  stored.artifact = writer->blob();
  stored.artifact_epoch = writer->access_epoch();
  bool finished = false;
  absl::Status status = database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(finished, FinishTraining(tx, task.model, stored, clock_.Now()));
    return absl::OkStatus();
  });
  // After an error of the commit nobody knows whether the row refers to the blob; the sweep will.
  if (finished || absl::IsUnavailable(status)) writer->Keep();
  KW_FAULT_POINT("training.after_commit");
  KW_RETURN_IF_ERROR(status);
  server::Log(server::Severity::kInfo, finished ? "training.finished" : "training.overtaken",
              {{"model", task.model},
               {"pairs", trained.report.pairs_trained()},
               {"bleu", trained.report.bleu()},
               {"baseline_bleu", trained.report.baseline_bleu()}});
  return absl::OkStatus();
}

absl::Status TrainingQueue::Fail(const std::string& model, const absl::Status& cause) {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    return MoveModel(tx, model, {Model::STATE_TRAINING}, Model::STATE_TRAINING_FAILED,
                     cause.message(), clock_.Now())
        .status();
  });
}

}  // namespace keyward::model_deployment
