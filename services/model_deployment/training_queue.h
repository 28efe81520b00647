#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_QUEUE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_QUEUE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/background_worker.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/object_vault.h"
#include "services/model_deployment/trainer.h"

namespace keyward::model_deployment {

// Trains every model that the database says is TRAINING, one after the other, oldest first; so
// training begun before a restart begins again. What cannot be done at the moment (an outage) is
// tried again; what cannot be done at all ends as TRAINING_FAILED with the reason. A loss of access
// ends it through the AccessFollower, and what was computed then goes nowhere. Thread-safe.
class TrainingQueue {
 public:
  TrainingQueue(storage::Database& database, AccessGates& gates, ObjectVault& vault,
                Trainer& trainer, const clock::Clock& clock);

  void Start() {
    worker_.Start([this] { return Step(); });
  }
  void Stop() { worker_.Stop(); }
  void Wake() { worker_.Wake(); }

 private:
  absl::Duration Step();
  absl::Status Run(const std::string& model);
  absl::StatusOr<TrainingTask> Prepare(const std::string& model);
  absl::Status Store(const CallOrigin& origin, const TrainingTask& task, TrainedModel trained,
                     const AccessPass& pass);
  absl::Status Fail(const std::string& model, const absl::Status& cause);

  storage::Database& database_;
  AccessGates& gates_;
  ObjectVault& vault_;
  Trainer& trainer_;
  const clock::Clock& clock_;
  clock::BackgroundWorker worker_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_TRAINING_QUEUE_H_
