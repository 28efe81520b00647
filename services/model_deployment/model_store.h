#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/storage/page_token.h"
#include "common/storage/transaction.h"
#include "keyward/deployment/v1/models.pb.h"

namespace keyward::model_deployment {

// A model and where its artifact is.
struct StoredModel {
  // worker_pid is not stored and left 0.
  deployment::v1::Model model;
  // The blob with the encrypted artifact; empty until trained.
  std::string artifact;
  // The account's access epoch in which the artifact's keys were made.
  int64_t artifact_epoch = 0;
};

// ALREADY_EXISTS (MODEL_EXISTS).
absl::Status InsertModel(storage::Transaction& tx, const deployment::v1::Model& model);
// NOT_FOUND (MODEL_NOT_FOUND).
absl::StatusOr<StoredModel> GetModel(storage::Transaction& tx, absl::string_view name);
// By name; one more than the page's size if there is a next page.
absl::StatusOr<std::vector<deployment::v1::Model>> ListModels(storage::Transaction& tx,
                                                              absl::string_view project,
                                                              const storage::Page& page);
// The names of all models in a state.
absl::StatusOr<std::vector<std::string>> ModelsInState(storage::Transaction& tx,
                                                       deployment::v1::Model::State state);

// The model's new state. Clears cause and event. Returns whether it was in one of the states `from`
// and so is changed; a loss may have come first.
absl::StatusOr<bool> MoveModel(storage::Transaction& tx, absl::string_view name,
                               absl::Span<const deployment::v1::Model::State> from,
                               deployment::v1::Model::State to, absl::string_view message,
                               absl::Time now);

// A TRAINING model is TRAINED; false as above.
absl::StatusOr<bool> FinishTraining(storage::Transaction& tx, absl::string_view name,
                                    const StoredModel& trained, absl::Time now);

absl::StatusOr<int64_t> CountDeployedModels(storage::Transaction& tx, absl::string_view account);

// All deployed models of all accounts are DEPLOYING: for a service that starts.
absl::Status MarkDeployedAsDeploying(storage::Transaction& tx, absl::Time now);

// A loss of access, as models show it.
struct ModelLoss {
  std::string account;
  encryption::v1::Cause cause = encryption::v1::CAUSE_UNSPECIFIED;
  // Such as "managed_identity/42".
  std::string event;
  // The event that told of it, such as "encryption/17".
  std::string access_event;
  absl::Time time;
};

// Models that serve become UNDEPLOYED, noted for the loss's receipt, and those in training
// TRAINING_FAILED.
absl::Status ApplyLossToModels(storage::Transaction& tx, const ModelLoss& loss);
// Those that it undeployed, by name.
absl::StatusOr<std::vector<std::string>> ModelsUndeployedBy(storage::Transaction& tx,
                                                            absl::string_view access_event);

// The keys of the account's artifacts up to an epoch are destroyed: those models cannot be deployed
// any more, and their artifacts are garbage. Returns their names.
absl::StatusOr<std::vector<std::string>> ApplyArtifactLoss(storage::Transaction& tx,
                                                           absl::string_view account,
                                                           int64_t up_to_epoch,
                                                           absl::string_view event, absl::Time now);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_STORE_H_
