#include "services/model_deployment/server.h"

#include <atomic>
#include <utility>

#include "common/crypto/root_key.h"
#include "common/server/log.h"
#include "common/status/status_macros.h"
#include "common/storage/request_ids.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/apertium_runtime.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/folder_blob_store.h"
#include "services/model_deployment/grpc_encryption_client.h"
#include "services/model_deployment/schema.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {
namespace {

absl::Status ForeignBlobs() {
  return absl::FailedPreconditionError(
      "--blob_dir holds documents or models, but the database knows no workspace at all; is it the "
      "right --database for this folder? Nothing was deleted.");
}

constexpr int kSweepBatch = 1000;

// Believes what is known of an account as long as the feed it came from is fresh: with a customer's
// key along the whole chain to the vault.
AccessFreshness FreshnessOf(std::shared_ptr<std::atomic<const events::Lease*>> lease) {
  return [lease = std::move(lease)](encryption::v1::KeySource source) {
    const events::Lease* known = lease->load();
    if (known == nullptr) return false;
    if (source == encryption::v1::KEY_SOURCE_PLATFORM_MANAGED) return known->fresh();
    return known->chain_remaining() > absl::ZeroDuration();
  };
}

}  // namespace

std::vector<storage::Schema> Schemas() {
  return {storage::RequestIdsSchema(), ModelDeploymentSchema()};
}

ModelDeployment::ModelDeployment(server::Foundation& foundation, Dependencies dependencies)
    : database_(foundation.database()),
      dependencies_(std::move(dependencies)),
      gates_(dependencies_.fresh),
      vault_(*dependencies_.blobs, *dependencies_.encryption),
      usage_(database_, *dependencies_.encryption, foundation.clock()),
      destroyer_(database_, *dependencies_.blobs, *dependencies_.encryption, *dependencies_.signer,
                 foundation.clock()),
      access_follower_(gates_, deployments_, foundation.clock(),
                       [this](const std::string& account) {
                         destroyer_.Wake();
                         usage_.Changed(account);
                       }),
      trainer_(vault_, *dependencies_.runtime, deployments_),
      training_(database_, gates_, vault_, trainer_, foundation.clock()),
      deployer_(database_, gates_, vault_, *dependencies_.runtime, deployments_,
                foundation.clock()),
      hierarchy_(database_),
      workspaces_(database_, gates_, *dependencies_.encryption, *dependencies_.runtime,
                  foundation.clock()),
      documents_(database_, gates_, vault_, *dependencies_.blobs, usage_, foundation.clock(),
                 DocumentHandler::Options()),
      models_(database_, gates_, deployments_, deployer_, training_, usage_, foundation.clock()),
      translations_(database_, gates_, deployments_, deployer_),
      receipts_(database_, *dependencies_.signer),
      dispatcher_(foundation.MakeDispatcher(hierarchy_)),
      workspace_service_(dispatcher_, workspaces_),
      document_service_(dispatcher_, documents_),
      model_service_(dispatcher_, models_),
      translation_service_(dispatcher_, translations_),
      receipt_service_(dispatcher_, receipts_) {}

absl::StatusOr<std::unique_ptr<ModelDeployment>> ModelDeployment::Create(
    server::Foundation& foundation, Dependencies dependencies) {
  auto service =
      std::unique_ptr<ModelDeployment>(new ModelDeployment(foundation, std::move(dependencies)));
  KW_RETURN_IF_ERROR(service->LoadGates());
  KW_RETURN_IF_ERROR(service->Sweep());
  KW_RETURN_IF_ERROR(service->deployer_.Prepare());
  return service;
}

std::vector<grpc::Service*> ModelDeployment::services() {
  return {&workspace_service_, &document_service_, &model_service_, &translation_service_,
          &receipt_service_};
}

void ModelDeployment::Start() {
  destroyer_.Start();
  deployer_.Start();
  training_.Start();
  usage_.Start();
}

void ModelDeployment::Stop() {
  usage_.Stop();
  training_.Stop();
  deployer_.Stop();
  destroyer_.Stop();
  deployments_.KillAll();
}

absl::Status ModelDeployment::LoadGates() {
  return database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::vector<Account> accounts, AllAccounts(tx));
    for (const Account& account : accounts) gates_.Set(account);
    return absl::OkStatus();
  });
}

absl::Status ModelDeployment::Sweep() {
  KW_RETURN_IF_ERROR(dependencies_.blobs->Sweep([&](const std::string& blob) {
    absl::StatusOr<bool> known;
    absl::Status status = database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(known, BlobIsKnown(tx, blob));
      if (*known) return absl::OkStatus();
      // What lies here and belongs to nobody is swept away; but not by a database that knows
      // nobody.
      KW_ASSIGN_OR_RETURN(const bool has_workspaces, AnyWorkspace(tx));
      return has_workspaces ? absl::OkStatus() : ForeignBlobs();
    });
    return status.ok() ? known : status;
  }));
  // A row whose blob is missing is told of and kept: the folder may be the wrong one, or not
  // mounted, and nothing but a loss or a request may remove what customers uploaded. Reading it
  // says DATA_LOSS.
  std::string last;
  while (true) {
    std::vector<std::string> blobs;
    KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
      KW_ASSIGN_OR_RETURN(blobs, BlobsInUse(tx, last, kSweepBatch));
      return absl::OkStatus();
    }));
    if (blobs.empty()) return absl::OkStatus();
    for (const std::string& blob : blobs) {
      KW_ASSIGN_OR_RETURN(bool exists, dependencies_.blobs->Exists(blob));
      if (!exists) server::Log(server::Severity::kError, "blob.missing", {{"blob", blob}});
    }
    last = blobs.back();
  }
}

absl::StatusOr<std::unique_ptr<server::Application>> MakeModelDeployment(
    server::Foundation& foundation, const Settings& settings) {
  if (settings.blob_dir.empty()) return absl::FailedPreconditionError("Set --blob_dir.");
  if (settings.encryption.empty()) return absl::FailedPreconditionError("Set --encryption.");
  KW_ASSIGN_OR_RETURN(const crypto::RootKey* root_key,
                      foundation.OpenRootKey({ReceiptKeyColumn()}));
  std::shared_ptr<grpc::Channel> channel = foundation.ChannelTo("encryption", settings.encryption);
  auto lease = std::make_shared<std::atomic<const events::Lease*>>(nullptr);
  Dependencies dependencies;
  KW_ASSIGN_OR_RETURN(dependencies.blobs, FolderBlobStore::OpenFolder(settings.blob_dir));
  KW_ASSIGN_OR_RETURN(dependencies.signer, ReceiptSigner::Open(foundation.database(), *root_key,
                                                               foundation.clock().Now()));
  dependencies.encryption = std::make_unique<GrpcEncryptionClient>(channel);
  dependencies.runtime = std::make_unique<ApertiumRuntime>(ApertiumInstallation::Discover(),
                                                           ApertiumRuntime::Options());
  dependencies.fresh = FreshnessOf(lease);
  KW_RETURN_IF_ERROR(foundation.FollowManagedIdentity().status());
  KW_ASSIGN_OR_RETURN(std::unique_ptr<ModelDeployment> service,
                      ModelDeployment::Create(foundation, std::move(dependencies)));
  KW_ASSIGN_OR_RETURN(events::Follower * follower,
                      foundation.Follow("encryption", channel, service->access_events()));
  lease->store(&follower->lease());
  return service;
}

}  // namespace keyward::model_deployment
