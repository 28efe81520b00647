#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_SERVER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/foundation.h"
#include "common/storage/migration.h"
#include "services/model_deployment/access_follower.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/account_hierarchy.h"
#include "services/model_deployment/blob_store.h"
#include "services/model_deployment/deployments.h"
#include "services/model_deployment/destroyer.h"
#include "services/model_deployment/document_handler.h"
#include "services/model_deployment/document_service.h"
#include "services/model_deployment/encryption_client.h"
#include "services/model_deployment/model_deployer.h"
#include "services/model_deployment/model_handler.h"
#include "services/model_deployment/model_runtime.h"
#include "services/model_deployment/model_service.h"
#include "services/model_deployment/object_vault.h"
#include "services/model_deployment/receipt_handler.h"
#include "services/model_deployment/receipt_service.h"
#include "services/model_deployment/receipt_signer.h"
#include "services/model_deployment/trainer.h"
#include "services/model_deployment/training_queue.h"
#include "services/model_deployment/translation_handler.h"
#include "services/model_deployment/translation_service.h"
#include "services/model_deployment/usage_reporter.h"
#include "services/model_deployment/workspace_handler.h"
#include "services/model_deployment/workspace_service.h"

namespace keyward::model_deployment {

inline constexpr char kServiceName[] = "model_deployment";

// The tables of this service beside the common ones.
std::vector<storage::Schema> Schemas();

// What the service stands on besides the foundation.
struct Dependencies {
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<EncryptionClient> encryption;
  std::unique_ptr<ModelRuntime> runtime;
  std::unique_ptr<ReceiptSigner> signer;
  // Whether what the encryption service last told of accounts may be believed.
  AccessFreshness fresh;
};

// The service wired: stores, handlers, background work and adapters.
class ModelDeployment final : public server::Application {
 public:
  // Brings memory and storage in line with the database: gates, orphan blobs, models without a
  // worker.
  static absl::StatusOr<std::unique_ptr<ModelDeployment>> Create(server::Foundation& foundation,
                                                                 Dependencies dependencies);

  std::vector<grpc::Service*> services() override;
  void Start() override;
  void Stop() override;

  // To be given the encryption service's events.
  events::EventHandler& access_events() { return access_follower_; }

 private:
  ModelDeployment(server::Foundation& foundation, Dependencies dependencies);

  absl::Status LoadGates();
  absl::Status Sweep();

  storage::Database& database_;
  const Dependencies dependencies_;
  AccessGates gates_;
  Deployments deployments_;
  ObjectVault vault_;
  UsageReporter usage_;
  Destroyer destroyer_;
  AccessFollower access_follower_;
  Trainer trainer_;
  TrainingQueue training_;
  ModelDeployer deployer_;
  AccountHierarchy hierarchy_;
  WorkspaceHandler workspaces_;
  DocumentHandler documents_;
  ModelHandler models_;
  TranslationHandler translations_;
  ReceiptHandler receipts_;
  server::Dispatcher& dispatcher_;
  WorkspaceService workspace_service_;
  DocumentService document_service_;
  ModelService model_service_;
  TranslationService translation_service_;
  ReceiptService receipt_service_;
};

struct Settings {
  // Where ciphertext lies.
  std::string blob_dir;
  // host:port of the encryption service.
  std::string encryption;
};

// The service as it runs: blobs in a folder, the encryption service over gRPC and its feed
// followed, Apertium.
absl::StatusOr<std::unique_ptr<server::Application>> MakeModelDeployment(
    server::Foundation& foundation, const Settings& settings);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_SERVER_H_
