#include "services/model_deployment/model_deployer.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/crypto/secret_bytes.h"
#include "common/server/client_context.h"
#include "common/server/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Model;

constexpr absl::Duration kRetry = absl::Milliseconds(200);

std::string StateName(Model::State state) {
  std::string name = Model::State_Name(state);
  return std::string(absl::StripPrefix(name, "STATE_"));
}

bool MayBeDeployed(Model::State state) {
  return state == Model::STATE_TRAINED || state == Model::STATE_UNDEPLOYED ||
         state == Model::STATE_DEPLOYED || state == Model::STATE_DEPLOYING;
}

// One block of secret bytes, from pieces whose number nobody knows beforehand.
crypto::SecretBytes Join(const std::vector<crypto::SecretBytes>& pieces) {
  size_t size = 0;
  for (const crypto::SecretBytes& piece : pieces) size += piece.size();
  crypto::SecretBytes all = crypto::SecretBytes::Zeroed(size);
  auto out = all.MutableSecret().begin();
  for (const crypto::SecretBytes& piece : pieces) {
    absl::string_view bytes = piece.ExposeSecret();
    out = std::copy(bytes.begin(), bytes.end(), out);
  }
  return all;
}

}  // namespace

// One call at a time is at work on a model.
class ModelDeployer::Turn {
 public:
  Turn(ModelDeployer& deployer, std::string model) : deployer_(deployer), model_(std::move(model)) {
    absl::MutexLock lock(&deployer_.mutex_);
    has_it_ = deployer_.busy_.insert(model_).second;
  }
  ~Turn() {
    absl::MutexLock lock(&deployer_.mutex_);
    if (has_it_) deployer_.busy_.erase(model_);
  }
  absl::Status status() const { return has_it_ ? absl::OkStatus() : ModelBusy(model_); }

 private:
  ModelDeployer& deployer_;
  const std::string model_;
  bool has_it_ = false;
};

ModelDeployer::ModelDeployer(storage::Database& database, AccessGates& gates, ObjectVault& vault,
                             ModelRuntime& runtime, Deployments& deployments,
                             const clock::Clock& clock)
    : database_(database),
      gates_(gates),
      vault_(vault),
      runtime_(runtime),
      deployments_(deployments),
      clock_(clock),
      restorer_(clock) {}

absl::Status ModelDeployer::Prepare() {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_RETURN_IF_ERROR(MarkDeployedAsDeploying(tx, clock_.Now()));
    KW_ASSIGN_OR_RETURN(std::vector<std::string> ending,
                        ModelsInState(tx, Model::STATE_UNDEPLOYING));
    for (const std::string& model : ending) {
      KW_RETURN_IF_ERROR(MoveModel(tx, model, {Model::STATE_UNDEPLOYING}, Model::STATE_UNDEPLOYED,
                                   "Undeployed on request.", clock_.Now())
                             .status());
    }
    return absl::OkStatus();
  });
}

absl::Status ModelDeployer::Deploy(const CallOrigin& origin, const ModelName& name) {
  Turn turn(*this, name.ToString());
  KW_RETURN_IF_ERROR(turn.status());
  StoredModel stored;
  LanguagePair languages;
  bool serves = deployments_.Find(name.ToString()) != nullptr;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    return GetModel(tx, name.ToString()).status();
  }));
  KW_ASSIGN_OR_RETURN(const AccessPass pass, gates_.Enter(name.account()));
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, GetModel(tx, name.ToString()));
    // A loss that came in between has undeployed it, for good.
    KW_ASSIGN_OR_RETURN(const std::optional<Account> account, FindAccount(tx, name.account()));
    if (!account.has_value() || account->verdict == encryption::v1::VERDICT_DENIED ||
        account->epoch != pass.epoch()) {
      return AccessUnverified(name.account());
    }
    Model::State state = stored.model.state();
    if (stored.artifact.empty() || !MayBeDeployed(state)) {
      return ModelNotTrained(name.ToString(), StateName(state));
    }
    KW_ASSIGN_OR_RETURN(deployment::v1::Project project, GetProject(tx, name.project()));
    languages = {project.source_language(), project.target_language()};
    if (state == Model::STATE_DEPLOYED && serves) return absl::OkStatus();
    serves = false;
    return MoveModel(tx, name.ToString(), {state}, Model::STATE_DEPLOYING, "Being loaded.",
                     clock_.Now())
        .status();
  }));
  if (serves) return absl::OkStatus();
  absl::Status status = Load(origin, name, stored, languages);
  if (!status.ok()) {
    KW_RETURN_IF_ERROR(Move(name, Model::STATE_DEPLOYING, Model::STATE_UNDEPLOYED,
                            absl::StrCat("It could not be loaded: ", status.message())));
  }
  return status;
}

absl::Status ModelDeployer::Load(const CallOrigin& origin, const ModelName& name,
                                 const StoredModel& stored, const LanguagePair& languages) {
  KW_ASSIGN_OR_RETURN(AccessPass pass, gates_.Enter(name.account()));
  KW_FAULT_POINT("deploy.before_load");
  KW_ASSIGN_OR_RETURN(ModelArtifact artifact, ReadArtifact(origin, name, stored, pass));
  absl::StatusOr<std::shared_ptr<ServedModel>> model =
      runtime_.Load(languages, std::move(artifact));
  if (absl::IsFailedPrecondition(model.status())) {
    std::vector<LanguagePair> installed = runtime_.InstalledPairs();
    return LanguagePairNotInstalled(
        languages.ToString(),
        absl::StrJoin(installed, ", ", [](std::string* out, const LanguagePair& pair) {
          absl::StrAppend(out, pair.ToString());
        }));
  }
  if (!model.ok()) return EngineFailed(name.ToString());
  deployments_.Add(name.account(), name.ToString(), *std::move(model));
  absl::Status status = pass.Confirm();
  bool deployed = false;
  if (status.ok()) {
    KW_FAULT_POINT("deploy.before_commit");
    status = database_.Write([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(deployed, MoveModel(tx, name.ToString(), {Model::STATE_DEPLOYING},
                                              Model::STATE_DEPLOYED, "", clock_.Now()));
      return absl::OkStatus();
    });
    KW_FAULT_POINT("deploy.after_commit");
  }
  // A loss from now on finds both the row and the worker.
  if (deployed) return absl::OkStatus();
  deployments_.Unload(name.ToString());
  // What a loss undeployed meanwhile says so at the gate.
  if (status.ok()) status = pass.Confirm();
  return status.ok() ? AccessUnverified(name.account()) : status;
}

absl::StatusOr<ModelArtifact> ModelDeployer::ReadArtifact(const CallOrigin& origin,
                                                          const ModelName& name,
                                                          const StoredModel& stored,
                                                          const AccessPass& pass) {
  std::vector<crypto::SecretBytes> pieces;
  KW_RETURN_IF_ERROR(vault_.Read(origin, {name.account(), kModelsScope, name.ToString()},
                                 stored.artifact, [&](absl::string_view bytes) {
                                   pieces.push_back(crypto::SecretBytes::CopyOf(bytes));
                                   return pass.Confirm();
                                 }));
  absl::StatusOr<ModelArtifact> artifact = ModelArtifact::Parse(Join(pieces));
  if (!artifact.ok()) return StoredBytesAltered(name.ToString());
  return artifact;
}

absl::Status ModelDeployer::Undeploy(const ModelName& name) {
  Turn turn(*this, name.ToString());
  KW_RETURN_IF_ERROR(turn.status());
  bool had_worker = false;
  KW_RETURN_IF_ERROR(database_.Write([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(
        had_worker,
        MoveModel(tx, name.ToString(),
                  {Model::STATE_DEPLOYED, Model::STATE_DEPLOYING, Model::STATE_UNDEPLOYING},
                  Model::STATE_UNDEPLOYING, "Its worker is being ended.", clock_.Now()));
    return absl::OkStatus();
  }));
  if (!had_worker) return absl::OkStatus();
  deployments_.Unload(name.ToString());
  return Move(name, Model::STATE_UNDEPLOYING, Model::STATE_UNDEPLOYED, "Undeployed on request.");
}

absl::Status ModelDeployer::Move(const ModelName& name, Model::State from, Model::State to,
                                 absl::string_view message) {
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    return MoveModel(tx, name.ToString(), {from}, to, message, clock_.Now()).status();
  });
}

absl::Duration ModelDeployer::RestoreAll() {
  std::vector<std::string> models;
  absl::Status status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(models, ModelsInState(tx, Model::STATE_DEPLOYING));
    // One whose deployment was committed while nobody could know has no worker either.
    KW_ASSIGN_OR_RETURN(std::vector<std::string> deployed,
                        ModelsInState(tx, Model::STATE_DEPLOYED));
    models.insert(models.end(), deployed.begin(), deployed.end());
    return absl::OkStatus();
  });
  absl::Duration wait = status.ok() ? absl::InfiniteDuration() : kRetry;
  for (const std::string& model : models) {
    if (restorer_.stopping()) break;
    absl::StatusOr<ModelName> name = ModelName::Parse("name", model);
    if (!name.ok() || deployments_.Find(model) != nullptr) continue;
    status = Restore(*name);
    if (status.ok()) continue;
    server::Log(server::Severity::kWarning, "deployment.not_back_yet",
                {{"model", model}, {"reason", ErrorReason(status)}});
    wait = kRetry;
  }
  return wait;
}

absl::Status ModelDeployer::Restore(const ModelName& name) {
  Turn turn(*this, name.ToString());
  KW_RETURN_IF_ERROR(turn.status());
  StoredModel stored;
  LanguagePair languages;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, GetModel(tx, name.ToString()));
    KW_ASSIGN_OR_RETURN(deployment::v1::Project project, GetProject(tx, name.project()));
    languages = {project.source_language(), project.target_language()};
    return absl::OkStatus();
  }));
  if (stored.model.state() == Model::STATE_DEPLOYED) {
    KW_RETURN_IF_ERROR(Move(name, Model::STATE_DEPLOYED, Model::STATE_DEPLOYING, "Being loaded."));
  } else if (stored.model.state() != Model::STATE_DEPLOYING) {
    return absl::OkStatus();
  }
  absl::Status status = Load({server::NewCorrelationId()}, name, stored, languages);
  // An outage passes; a denial is either overtaken by its event or by the end of the doubt.
  bool is_final = absl::IsDataLoss(status) || ErrorReason(status) == "LANGUAGE_PAIR_NOT_INSTALLED";
  if (!is_final) return status;
  return Move(name, Model::STATE_DEPLOYING, Model::STATE_UNDEPLOYED,
              absl::StrCat("It could not be brought back: ", status.message()));
}

}  // namespace keyward::model_deployment
