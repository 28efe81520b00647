#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_HANDLER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_HANDLER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/translation.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/deployments.h"
#include "services/model_deployment/model_deployer.h"
#include "services/model_deployment/names.h"

namespace keyward::model_deployment {

// Translations. The gate is asked before the engine works and after it, so that nothing that was
// computed before the gate closed comes out after it. Thread-safe.
class TranslationHandler {
 public:
  TranslationHandler(storage::Database& database, AccessGates& gates,
                     const Deployments& deployments, ModelDeployer& deployer)
      : database_(database), gates_(gates), deployments_(deployments), deployer_(deployer) {}

  absl::StatusOr<deployment::v1::TranslateResponse> Translate(
      const deployment::v1::TranslateRequest& request);

 private:
  // Why no worker serves the model.
  absl::Status ExplainAbsence(const ModelName& name);

  storage::Database& database_;
  AccessGates& gates_;
  const Deployments& deployments_;
  ModelDeployer& deployer_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRANSLATION_HANDLER_H_
