#include "services/model_deployment/testing/deployment_server.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/spiffe_id.h"
#include "common/clock/clock.h"
#include "common/crypto/file_root_key.h"
#include "common/server/channel.h"
#include "common/status/grpc_status.h"
#include "services/model_deployment/apertium_runtime.h"
#include "services/model_deployment/folder_blob_store.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment::testing {

namespace {

using deployment::v1::DocumentService;
using deployment::v1::ModelService;
using deployment::v1::ReceiptService;
using deployment::v1::TranslationService;
using deployment::v1::UploadDocumentRequest;
using deployment::v1::WorkspaceService;
using encryption::v1::AccountChanged;

[[noreturn]] void Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  std::abort();
}

template <typename T>
T Get(absl::StatusOr<T> value) {
  if (!value.ok()) Fail(value.status());
  return *std::move(value);
}

void Check(const absl::Status& status) {
  if (!status.ok()) Fail(status);
}

AccountChanged Change(const std::string& account, int64_t epoch, encryption::v1::Verdict verdict) {
  AccountChanged change;
  change.set_account(account);
  change.set_subscription("subscriptions/sub");
  change.set_tenant("tenants/contoso");
  change.set_region("westeurope");
  change.set_key_source(encryption::v1::KEY_SOURCE_CUSTOMER_MANAGED);
  change.mutable_access()->set_verdict(verdict);
  change.mutable_access()->set_epoch(epoch);
  *change.mutable_access()->mutable_since() = ToProto(absl::FromUnixSeconds(1'700'000'000 + epoch));
  return change;
}

}  // namespace

DeploymentServer::DeploymentServer(Engine engine) : kind_(engine) {
  options_.tls = authority_.IssueService(kServiceName);
  options_.database = absl::StrCat("sqlite:", folder_.path(), "/deployment.db");
  options_.root_key_file = absl::StrCat(folder_.path(), "/root.key");
  Get(crypto::FileRootKey::LoadOrCreate(options_.root_key_file));
  Start();
}

DeploymentServer::~DeploymentServer() = default;

void DeploymentServer::Start() { Check(TryStart()); }

absl::Status DeploymentServer::TryStart() {
  absl::StatusOr<std::unique_ptr<server::RunningService>> started = server::RunningService::Start(
      kServiceName, options_, Schemas(),
      [this](
          server::Foundation& foundation) -> absl::StatusOr<std::unique_ptr<server::Application>> {
        foundation.SetIdentityFreshness([] { return absl::OkStatus(); });
        auto root_key = Get(crypto::FileRootKey::Load(options_.root_key_file));
        Dependencies dependencies;
        dependencies.blobs =
            Get(FolderBlobStore::OpenFolder(absl::StrCat(folder_.path(), "/blobs")));
        dependencies.encryption = std::make_unique<FakeEncryptionClient>(encryption);
        if (kind_ == Engine::kApertium) {
          dependencies.runtime = std::make_unique<ApertiumRuntime>(ApertiumInstallation::Discover(),
                                                                   ApertiumRuntime::Options());
        } else {
          dependencies.runtime = std::make_unique<FakeRuntime>(engine);
        }
        dependencies.signer =
            Get(ReceiptSigner::Open(foundation.database(), *root_key, foundation.clock().Now()));
        dependencies.fresh = [this](encryption::v1::KeySource) {
          ++freshness_asked;
          return fresh.load();
        };
        return ModelDeployment::Create(foundation, std::move(dependencies));
      },
      clock::RealClock());
  if (!started.ok()) return started.status();
  running_ = *std::move(started);
  channels_.clear();
  if (sequence_ == 0) {
    auth::testing::TestIdentities(foundation().database(), foundation().principals(),
                                  foundation().clock())
        .Grant("spiffe://keyward.local/operator/admin", identity::v1::ROLE_ADMINISTRATOR, "/");
  }
  return absl::OkStatus();
}

void DeploymentServer::LoseDatabase() {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(folder_.path(), "/deployment.db", suffix));
  }
}

void DeploymentServer::Play(const std::string& type, const google::protobuf::Message& data) {
  played_ = MakeEvent(type, data);
  Apply(played_);
}

events::v1::Event DeploymentServer::MakeEvent(const std::string& type,
                                              const google::protobuf::Message& data) {
  events::v1::Event event;
  event.set_id(absl::StrCat("encryption/", ++sequence_));
  event.set_source("encryption");
  event.set_type(absl::StrCat("keyward.encryption.", type));
  event.set_sequence(sequence_);
  *event.mutable_time() = ToProto(absl::Now());
  event.mutable_data()->PackFrom(data);
  return event;
}

void DeploymentServer::PlayAgain() { Apply(played_); }

void DeploymentServer::Apply(const events::v1::Event& event) {
  Check(
      foundation().database().Write([&](storage::Transaction& tx) { return ApplyIn(tx, event); }));
}

absl::Status DeploymentServer::ApplyIn(storage::Transaction& tx, const events::v1::Event& event) {
  auto& service = static_cast<ModelDeployment&>(running_->application());
  return service.access_events().Apply(tx, event);
}

void DeploymentServer::Observe(const events::v1::Event& event) {
  auto& service = static_cast<ModelDeployment&>(running_->application());
  service.access_events().Observe(event);
}

void DeploymentServer::PlayAccount(const std::string& account) {
  Account known;
  known.name = account;
  encryption.AddAccount(known);
  Play("AccountCreated", Change(account, 0, encryption::v1::VERDICT_ACCESSIBLE));
}

void DeploymentServer::PlayLoss(int64_t epoch, encryption::v1::Cause cause, bool grace) {
  played_ = LossEvent(epoch, cause, grace);
  Apply(played_);
}

events::v1::Event DeploymentServer::LossEvent(int64_t epoch, encryption::v1::Cause cause,
                                              bool grace) {
  AccountChanged change = Change(kAccount, epoch, encryption::v1::VERDICT_DENIED);
  change.mutable_access()->set_cause(cause);
  change.mutable_access()->set_message("what happened, and how to undo it");
  change.mutable_access()->set_event(absl::StrCat("managed_identity/", 40 + epoch));
  encryption.SetEpoch(kAccount, epoch);
  if (grace) {
    change.mutable_upload_retention_grace()->set_seconds(3600);
  } else {
    encryption.Destroy(kAccount, kUploadsScope, epoch - 1);
    *change.mutable_uploads_destroyed_time() = ToProto(absl::FromUnixSeconds(1'700'000'500));
  }
  return MakeEvent("AccessLost", change);
}

void DeploymentServer::PlayRestored(int64_t epoch) {
  Play("AccessRestored", Change(kAccount, epoch, encryption::v1::VERDICT_ACCESSIBLE));
}

void DeploymentServer::MakeProject() {
  deployment::v1::CreateWorkspaceRequest workspace;
  workspace.set_parent(kAccount);
  workspace.set_workspace_id("main");
  Get(Call<WorkspaceService>(&WorkspaceService::Stub::CreateWorkspace, workspace));
  deployment::v1::CreateProjectRequest project;
  project.set_parent(kWorkspace);
  project.set_project_id("en-es");
  project.mutable_project()->set_source_language("eng");
  project.mutable_project()->set_target_language("spa");
  Get(Call<WorkspaceService>(&WorkspaceService::Stub::CreateProject, project));
}

absl::StatusOr<deployment::v1::Document> DeploymentServer::Upload(
    const std::string& id, const std::string& bytes, deployment::v1::DocumentType type,
    deployment::v1::DocumentFormat format) {
  auto stub = DocumentService::NewStub(As("admin"));
  grpc::ClientContext context;
  deployment::v1::Document document;
  auto writer = stub->UploadDocument(&context, &document);
  UploadDocumentRequest request;
  UploadDocumentRequest::Start& start = *request.mutable_start();
  start.set_parent(kWorkspace);
  start.set_document_id(id);
  start.set_size_bytes(static_cast<int64_t>(bytes.size()));
  start.mutable_document()->set_type(type);
  start.mutable_document()->set_format(format);
  start.mutable_document()->set_source_language("eng");
  start.mutable_document()->set_target_language("spa");
  bool open = writer->Write(request);
  for (size_t at = 0; open && at < bytes.size(); at += 100'000) {
    request.set_chunk(bytes.substr(at, 100'000));
    open = writer->Write(request);
  }
  writer->WritesDone();
  grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpcStatus(status);
  return document;
}

void DeploymentServer::TrainModel() {
  std::string lesson;
  for (int i = 0; i < 60; ++i) {
    std::string letters = {static_cast<char>('a' + i / 8), static_cast<char>('a' + i % 8)};
    absl::StrAppend(&lesson, "the sentence ", letters, "\tla frase ", letters, "\n");
  }
  Get(Upload("lesson", lesson));
  deployment::v1::TrainModelRequest request;
  request.set_parent(kProject);
  request.set_model_id("one");
  request.mutable_model()->add_documents(absl::StrCat(kWorkspace, "/documents/lesson"));
  Get(Call<ModelService>(&ModelService::Stub::TrainModel, request));
  Await([&] { return Get(GetModel()).state() == deployment::v1::Model::STATE_TRAINED; });
}

absl::StatusOr<deployment::v1::Model> DeploymentServer::Deploy() {
  deployment::v1::DeployModelRequest request;
  request.set_name(kModel);
  return Call<ModelService>(&ModelService::Stub::DeployModel, request);
}

absl::StatusOr<deployment::v1::Model> DeploymentServer::GetModel() {
  deployment::v1::GetModelRequest request;
  request.set_name(kModel);
  return Call<ModelService>(&ModelService::Stub::GetModel, request);
}

absl::StatusOr<deployment::v1::TranslateResponse> DeploymentServer::Translate(
    const std::string& text) {
  deployment::v1::TranslateRequest request;
  request.set_model(kModel);
  request.add_texts(text);
  return Call<TranslationService>(&TranslationService::Stub::Translate, request);
}

std::vector<deployment::v1::Receipt> DeploymentServer::Receipts() {
  deployment::v1::ListReceiptsRequest request;
  request.set_parent(kAccount);
  request.set_page_size(1000);
  auto response = Get(Call<ReceiptService>(&ReceiptService::Stub::ListReceipts, request));
  return {response.receipts().begin(), response.receipts().end()};
}

deployment::v1::Receipt DeploymentServer::AwaitRevocationReceipt(int64_t epoch) {
  deployment::v1::Receipt found;
  Await([&] {
    for (const deployment::v1::Receipt& receipt : Receipts()) {
      if (receipt.kind() == deployment::v1::Receipt::KIND_REVOCATION &&
          receipt.statement().access_epoch() == epoch) {
        found = receipt;
        return true;
      }
    }
    return false;
  });
  return found;
}

std::vector<std::string> DeploymentServer::BlobFiles() const {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(absl::StrCat(folder_.path(), "/blobs"))) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

std::shared_ptr<grpc::Channel> DeploymentServer::As(const std::string& operator_name) {
  std::shared_ptr<grpc::Channel>& channel = channels_[operator_name];
  if (channel == nullptr) {
    channel = server::MakeChannel(absl::StrCat("127.0.0.1:", running_->server().port()),
                                  authority_.IssueOperator(operator_name),
                                  auth::ServiceSpiffeId(options_.trust_domain, kServiceName));
  }
  return channel;
}

absl::Status DeploymentServer::FromGrpc(const grpc::Status& status) {
  return FromGrpcStatus(status);
}

void Await(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

}  // namespace keyward::model_deployment::testing
