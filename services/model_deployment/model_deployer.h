#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_DEPLOYER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_DEPLOYER_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/deployments.h"
#include "services/model_deployment/model_runtime.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/object_vault.h"

namespace keyward::model_deployment {

// Loads models into workers and takes them out again, in step with what the database says of them;
// and, when the service starts, brings back those that were deployed when it ended. It never
// deploys one that a loss of access undeployed. Thread-safe.
class ModelDeployer {
 public:
  ModelDeployer(storage::Database& database, AccessGates& gates, ObjectVault& vault,
                ModelRuntime& runtime, Deployments& deployments, const clock::Clock& clock);

  // Notes in the database that no worker runs yet.
  absl::Status Prepare();
  // Begins to bring models back, as soon as access to their keys is confirmed.
  void Start() {
    restorer_.Start([this] { return RestoreAll(); });
  }
  void Stop() { restorer_.Stop(); }
  // A model that should serve has no worker.
  void Wake() { restorer_.Wake(); }

  // Deploys a model and returns once it serves. NOT_FOUND (MODEL_NOT_FOUND), FAILED_PRECONDITION
  // (MODEL_NOT_TRAINED, ACCESS_DENIED, LANGUAGE_PAIR_NOT_INSTALLED), UNAVAILABLE
  // (ACCESS_UNVERIFIED, ENGINE_FAILED, MODEL_BUSY), DATA_LOSS.
  absl::Status Deploy(const CallOrigin& origin, const ModelName& name);

  // Returns once the model's worker is gone. NOT_FOUND, UNAVAILABLE (MODEL_BUSY).
  absl::Status Undeploy(const ModelName& name);

 private:
  class Turn;

  absl::Duration RestoreAll();
  absl::Status Restore(const ModelName& name);
  // Loads a model that is DEPLOYING and makes it DEPLOYED.
  absl::Status Load(const CallOrigin& origin, const ModelName& name, const StoredModel& stored,
                    const LanguagePair& languages);
  absl::StatusOr<ModelArtifact> ReadArtifact(const CallOrigin& origin, const ModelName& name,
                                             const StoredModel& stored, const AccessPass& pass);
  absl::Status Move(const ModelName& name, deployment::v1::Model::State from,
                    deployment::v1::Model::State to, absl::string_view message);

  storage::Database& database_;
  AccessGates& gates_;
  ObjectVault& vault_;
  ModelRuntime& runtime_;
  Deployments& deployments_;
  const clock::Clock& clock_;
  absl::Mutex mutex_;
  // Models that a call is at work on.
  absl::flat_hash_set<std::string> busy_ ABSL_GUARDED_BY(mutex_);
  clock::BackgroundWorker restorer_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_MODEL_DEPLOYER_H_
