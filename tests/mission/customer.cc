#include "tests/mission/customer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/ecdsa.h"
#include "common/crypto/jws.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace keyward::mission {
namespace {

using deployment::v1::Document;
using deployment::v1::DocumentService;
using deployment::v1::ModelService;
using deployment::v1::ReceiptService;
using deployment::v1::TranslationService;
using deployment::v1::WorkspaceService;
using encryption::v1::AccountService;
using encryption::v1::DataService;
using encryption::v1::EncryptionSettingsService;
using identity::v1::IdentityService;
using identity::v1::TenantService;
using keyvault::v1::KeyService;
using keyvault::v1::VaultService;

constexpr size_t kChunk = 256 * 1024;
constexpr absl::Duration kTrainingLimit = absl::Minutes(5);
constexpr char kRegion[] = "westeurope";
constexpr char kOperator[] = "spiffe://keyward.local/operator/admin";

Document DocumentOf(deployment::v1::DocumentType type, deployment::v1::DocumentFormat format) {
  Document document;
  document.set_type(type);
  document.set_format(format);
  document.set_source_language("eng");
  document.set_target_language("spa");
  return document;
}

}  // namespace

Customer::Customer(Client& client, std::string id) : client_(client), id_(std::move(id)) {}

absl::Status Customer::CreateTenancy() {
  for (const std::string& tenant_id : {id_, id_ + "-other"}) {
    identity::v1::CreateTenantRequest request;
    request.set_tenant_id(tenant_id);
    KW_RETURN_IF_ERROR(
        client_.Call(*client_.tenants, &TenantService::Stub::CreateTenant, request).status());
  }
  identity::v1::CreateSubscriptionRequest request;
  request.set_subscription_id(id_);
  request.mutable_subscription()->set_tenant(tenant());
  return client_.Call(*client_.tenants, &TenantService::Stub::CreateSubscription, request).status();
}

absl::StatusOr<keyvault::v1::Vault> Customer::CreateVault() {
  keyvault::v1::CreateVaultRequest request;
  request.set_vault_id(id_ + "-vault");
  keyvault::v1::Vault& vault = *request.mutable_vault();
  vault.set_subscription(subscription());
  vault.set_region(kRegion);
  vault.set_purge_protection(true);
  auto& entry = *vault.add_access_policy();
  entry.set_principal(kOperator);
  entry.add_key_permissions("all");
  return client_.Call(*client_.vaults, &VaultService::Stub::CreateVault, request);
}

absl::StatusOr<keyvault::v1::Key> Customer::CreateKey() {
  keyvault::v1::CreateKeyRequest request;
  request.set_parent(vault());
  request.set_key_id("customer-key");
  request.mutable_key()->set_key_type(keyvault::v1::KEY_TYPE_RSA_2048);
  return client_.Call(*client_.keys, &KeyService::Stub::CreateKey, request);
}

absl::StatusOr<encryption::v1::Account> Customer::CreateAccount() {
  encryption::v1::CreateAccountRequest request;
  request.set_account_id(id_);
  request.mutable_account()->set_subscription(subscription());
  request.mutable_account()->set_region(kRegion);
  request.mutable_account()->set_tier("S1");
  return client_.Call(*client_.accounts, &AccountService::Stub::CreateAccount, request);
}

absl::StatusOr<encryption::v1::EncryptionSettings> Customer::GetSettings() {
  encryption::v1::GetEncryptionSettingsRequest request;
  request.set_account(account());
  return client_.Call(*client_.settings, &EncryptionSettingsService::Stub::GetEncryptionSettings,
                      request);
}

absl::StatusOr<encryption::v1::ValidateCustomerManagedKeyResponse> Customer::Validate() {
  encryption::v1::ValidateCustomerManagedKeyRequest request;
  request.set_account(account());
  request.mutable_customer_key()->set_key(key());
  return client_.Call(*client_.settings,
                      &EncryptionSettingsService::Stub::ValidateCustomerManagedKey, request);
}

absl::StatusOr<identity::v1::Identity> Customer::EnableIdentity() {
  identity::v1::EnableIdentityRequest request;
  request.set_name(identity());
  return client_.Call(*client_.identities, &IdentityService::Stub::EnableIdentity, request);
}

absl::StatusOr<keyvault::v1::UpdateAccessPolicyResponse> Customer::Grant(
    const std::string& principal) {
  keyvault::v1::UpdateAccessPolicyRequest request;
  request.set_vault(vault());
  request.set_kind(keyvault::v1::UpdateAccessPolicyRequest::KIND_ADD);
  auto& entry = *request.add_entries();
  entry.set_principal(principal);
  for (const char* permission : {"get", "wrapKey", "unwrapKey"}) {
    entry.add_key_permissions(permission);
  }
  return client_.Call(*client_.vaults, &VaultService::Stub::UpdateAccessPolicy, request);
}

absl::StatusOr<encryption::v1::EncryptionSettings> Customer::EnableCustomerKey() {
  encryption::v1::EnableCustomerManagedKeyRequest request;
  request.set_account(account());
  request.mutable_customer_key()->set_key(key());
  return client_.Call(*client_.settings, &EncryptionSettingsService::Stub::EnableCustomerManagedKey,
                      request);
}

absl::StatusOr<encryption::v1::EncryptionSettings> Customer::Revalidate() {
  encryption::v1::RevalidateAccessRequest request;
  request.set_account(account());
  return client_.Call(*client_.settings, &EncryptionSettingsService::Stub::RevalidateAccess,
                      request);
}

absl::StatusOr<encryption::v1::PreviewRevocationResponse> Customer::Preview(
    const std::string& resource) {
  encryption::v1::PreviewRevocationRequest request;
  request.set_resource(resource);
  return client_.Call(*client_.settings, &EncryptionSettingsService::Stub::PreviewRevocation,
                      request);
}

absl::Status Customer::CreateWorkspaceAndProject() {
  deployment::v1::CreateWorkspaceRequest workspace;
  workspace.set_parent(account());
  workspace.set_workspace_id("main");
  KW_RETURN_IF_ERROR(
      client_.Call(*client_.workspaces, &WorkspaceService::Stub::CreateWorkspace, workspace)
          .status());
  deployment::v1::CreateProjectRequest project;
  project.set_parent(this->workspace());
  project.set_project_id("eng-spa");
  project.mutable_project()->set_source_language("eng");
  project.mutable_project()->set_target_language("spa");
  return client_.Call(*client_.workspaces, &WorkspaceService::Stub::CreateProject, project)
      .status();
}

absl::StatusOr<Document> Customer::UploadFile(const std::string& document_id,
                                              deployment::v1::DocumentType type,
                                              deployment::v1::DocumentFormat format,
                                              const std::string& path) {
  deployment::v1::UploadDocumentRequest::Start start;
  start.set_parent(workspace());
  start.set_document_id(document_id);
  *start.mutable_document() = DocumentOf(type, format);
  std::error_code error;
  start.set_size_bytes(static_cast<int64_t>(std::filesystem::file_size(path, error)));
  if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
  return client_.Upload(start, [path] {
    auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    return [file] {
      std::string chunk(kChunk, '\0');
      file->read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
      chunk.resize(static_cast<size_t>(file->gcount()));
      return chunk;
    };
  });
}

absl::StatusOr<Document> Customer::UploadText(const std::string& document_id,
                                              deployment::v1::DocumentType type,
                                              const std::string& text) {
  deployment::v1::UploadDocumentRequest::Start start;
  start.set_parent(workspace());
  start.set_document_id(document_id);
  *start.mutable_document() = DocumentOf(type, deployment::v1::DOCUMENT_FORMAT_TSV);
  start.set_size_bytes(static_cast<int64_t>(text.size()));
  return client_.Upload(start, [text] {
    return [rest = text]() mutable { return std::exchange(rest, std::string()); };
  });
}

absl::StatusOr<std::vector<Document>> Customer::ListDocuments() {
  deployment::v1::ListDocumentsRequest request;
  request.set_parent(workspace());
  KW_ASSIGN_OR_RETURN(
      deployment::v1::ListDocumentsResponse response,
      client_.Call(*client_.documents, &DocumentService::Stub::ListDocuments, request));
  return std::vector<Document>(response.documents().begin(), response.documents().end());
}

absl::StatusOr<deployment::v1::Model> Customer::Train(
    const std::vector<std::string>& document_ids) {
  deployment::v1::TrainModelRequest request;
  request.set_parent(project());
  request.set_model_id("first");
  for (const std::string& id : document_ids) {
    request.mutable_model()->add_documents(absl::StrCat(workspace(), "/documents/", id));
  }
  KW_ASSIGN_OR_RETURN(deployment::v1::Model model,
                      client_.Call(*client_.models, &ModelService::Stub::TrainModel, request));
  const absl::Time give_up = absl::Now() + kTrainingLimit;
  while (model.state() == deployment::v1::Model::STATE_TRAINING && absl::Now() < give_up) {
    // There is nothing to wait on but the server's word, asked for again.
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(50));
    KW_ASSIGN_OR_RETURN(model, GetModel());
  }
  return model;
}

absl::StatusOr<deployment::v1::Model> Customer::GetModel() {
  deployment::v1::GetModelRequest request;
  request.set_name(model());
  return client_.Call(*client_.models, &ModelService::Stub::GetModel, request);
}

absl::StatusOr<deployment::v1::Model> Customer::Deploy() {
  deployment::v1::DeployModelRequest request;
  request.set_name(model());
  return client_.Call(*client_.models, &ModelService::Stub::DeployModel, request);
}

absl::StatusOr<std::string> Customer::Translate(const std::string& text) {
  deployment::v1::TranslateRequest request;
  request.set_model(model());
  request.add_texts(text);
  KW_ASSIGN_OR_RETURN(
      deployment::v1::TranslateResponse response,
      client_.Call(*client_.translation, &TranslationService::Stub::Translate, request));
  return response.translations_size() == 1 ? response.translations(0).text() : "";
}

absl::StatusOr<std::string> Customer::TranslateOnce(const std::string& text) {
  deployment::v1::TranslateRequest request;
  request.set_model(model());
  request.add_texts(text);
  KW_ASSIGN_OR_RETURN(
      deployment::v1::TranslateResponse response,
      client_.CallOnce(*client_.translation, &TranslationService::Stub::Translate, request));
  return response.translations_size() == 1 ? response.translations(0).text() : "";
}

absl::StatusOr<encryption::v1::GenerateDataKeyResponse> Customer::GenerateDataKey() {
  encryption::v1::GenerateDataKeyRequest request;
  request.set_account(account());
  request.set_scope("uploads");
  request.set_object("probe");
  return client_.Call(*client_.data, &DataService::Stub::GenerateDataKey, request);
}

absl::StatusOr<std::vector<deployment::v1::Receipt>> Customer::ListReceipts(
    deployment::v1::Receipt::Kind kind) {
  deployment::v1::ListReceiptsRequest request;
  request.set_parent(account());
  request.set_kind(kind);
  request.set_page_size(1000);
  KW_ASSIGN_OR_RETURN(
      deployment::v1::ListReceiptsResponse response,
      client_.Call(*client_.receipts, &ReceiptService::Stub::ListReceipts, request));
  return std::vector<deployment::v1::Receipt>(response.receipts().begin(),
                                              response.receipts().end());
}

absl::StatusOr<deployment::v1::ReceiptStatement> Customer::Verify(
    const deployment::v1::Receipt& receipt) {
  KW_ASSIGN_OR_RETURN(deployment::v1::GetReceiptKeysResponse keys,
                      client_.Call(*client_.receipts, &ReceiptService::Stub::GetReceiptKeys,
                                   deployment::v1::GetReceiptKeysRequest()));
  auto find = [&](absl::string_view key_id) -> absl::StatusOr<crypto::EcPublicKey> {
    for (const auto& key : keys.keys()) {
      if (key.key_id() == key_id) return crypto::EcPublicKey::FromSpkiPem(key.public_key_pem());
    }
    return absl::NotFoundError(absl::StrCat("no published key has the id ", key_id));
  };
  KW_ASSIGN_OR_RETURN(crypto::VerifiedJws verified,
                      crypto::VerifyJws(receipt.jws(), crypto::kReceiptType, find));
  deployment::v1::ReceiptStatement statement;
  auto parsed = google::protobuf::util::JsonStringToMessage(verified.payload, &statement);
  if (!parsed.ok()) return absl::DataLossError(std::string(parsed.message()));
  return statement;
}

absl::Status Customer::SetUpSmall() {
  KW_RETURN_IF_ERROR(CreateTenancy());
  KW_RETURN_IF_ERROR(CreateVault().status());
  KW_RETURN_IF_ERROR(CreateKey().status());
  KW_RETURN_IF_ERROR(CreateAccount().status());
  KW_ASSIGN_OR_RETURN(identity::v1::Identity enabled, EnableIdentity());
  KW_RETURN_IF_ERROR(Grant(enabled.principal_id()).status());
  KW_RETURN_IF_ERROR(EnableCustomerKey().status());
  KW_RETURN_IF_ERROR(CreateWorkspaceAndProject());
  KW_RETURN_IF_ERROR(UploadText("phrases", deployment::v1::DOCUMENT_TYPE_PHRASE_DICTIONARY,
                                "encryption key\tclave de cifrado\n")
                         .status());
  KW_RETURN_IF_ERROR(UploadText("sentences", deployment::v1::DOCUMENT_TYPE_SENTENCE_DICTIONARY,
                                "The vault is closed.\tLa caja fuerte está cerrada.\n")
                         .status());
  KW_ASSIGN_OR_RETURN(deployment::v1::Model trained, Train({"phrases", "sentences"}));
  if (trained.state() != deployment::v1::Model::STATE_TRAINED) {
    return absl::InternalError(absl::StrCat("training ended with: ", trained.state_message()));
  }
  return Deploy().status();
}

}  // namespace keyward::mission
