#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_HANDLER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_HANDLER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/models.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/deployments.h"
#include "services/model_deployment/model_deployer.h"
#include "services/model_deployment/training_queue.h"
#include "services/model_deployment/usage_reporter.h"

namespace keyward::model_deployment {

// Models. The methods are those of ModelService. Thread-safe.
class ModelHandler {
 public:
  ModelHandler(storage::Database& database, AccessGates& gates, const Deployments& deployments,
               ModelDeployer& deployer, TrainingQueue& training, UsageReporter& usage,
               const clock::Clock& clock)
      : database_(database),
        gates_(gates),
        deployments_(deployments),
        deployer_(deployer),
        training_(training),
        usage_(usage),
        clock_(clock) {}

  absl::StatusOr<deployment::v1::Model> Train(const server::CallContext& call,
                                              const deployment::v1::TrainModelRequest& request);
  absl::StatusOr<deployment::v1::Model> Get(const deployment::v1::GetModelRequest& request);
  absl::StatusOr<deployment::v1::ListModelsResponse> List(
      const deployment::v1::ListModelsRequest& request);
  absl::StatusOr<deployment::v1::Model> Deploy(const server::CallContext& call,
                                               const deployment::v1::DeployModelRequest& request);
  absl::StatusOr<deployment::v1::Model> Undeploy(
      const server::CallContext& call, const deployment::v1::UndeployModelRequest& request);

 private:
  absl::StatusOr<deployment::v1::Model> Show(const std::string& name);

  storage::Database& database_;
  AccessGates& gates_;
  const Deployments& deployments_;
  ModelDeployer& deployer_;
  TrainingQueue& training_;
  UsageReporter& usage_;
  const clock::Clock& clock_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_HANDLER_H_
