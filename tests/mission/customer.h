#ifndef KEYWARD_TESTS_MISSION_CUSTOMER_H_
#define KEYWARD_TESTS_MISSION_CUSTOMER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/mission/client.h"

namespace keyward::mission {

// One customer of the platform, with all that is theirs: a tenant, a subscription, a vault with an
// RSA-2048 key, an account, a workspace, a project and a model. A method is one thing that an
// operator does; it returns what the service said.
class Customer {
 public:
  // `id`: 3-13 of [0-9a-z], a letter first; names everything.
  Customer(Client& client, std::string id);

  std::string tenant() const { return "tenants/" + id_; }
  std::string other_tenant() const { return "tenants/" + id_ + "-other"; }
  std::string subscription() const { return "subscriptions/" + id_; }
  std::string vault() const { return "vaults/" + id_ + "-vault"; }
  std::string key() const { return vault() + "/keys/customer-key"; }
  std::string account() const { return "accounts/" + id_; }
  std::string identity() const { return "identities/" + id_; }
  std::string workspace() const { return account() + "/workspaces/main"; }
  std::string project() const { return workspace() + "/projects/eng-spa"; }
  std::string model() const { return project() + "/models/first"; }

  // Tenants (two, so that the subscription has somewhere to go), subscription, vault, key, account.
  absl::Status CreateTenancy();
  absl::StatusOr<keyvault::v1::Vault> CreateVault();
  absl::StatusOr<keyvault::v1::Key> CreateKey();
  absl::StatusOr<encryption::v1::Account> CreateAccount();

  absl::StatusOr<encryption::v1::EncryptionSettings> GetSettings();
  absl::StatusOr<encryption::v1::ValidateCustomerManagedKeyResponse> Validate();
  absl::StatusOr<identity::v1::Identity> EnableIdentity();
  absl::StatusOr<keyvault::v1::UpdateAccessPolicyResponse> Grant(const std::string& principal);
  absl::StatusOr<encryption::v1::EncryptionSettings> EnableCustomerKey();
  absl::StatusOr<encryption::v1::EncryptionSettings> Revalidate();
  absl::StatusOr<encryption::v1::PreviewRevocationResponse> Preview(const std::string& resource);

  absl::Status CreateWorkspaceAndProject();
  // Uploads a file, read in pieces; and a text.
  absl::StatusOr<deployment::v1::Document> UploadFile(const std::string& document_id,
                                                      deployment::v1::DocumentType type,
                                                      deployment::v1::DocumentFormat format,
                                                      const std::string& path);
  absl::StatusOr<deployment::v1::Document> UploadText(const std::string& document_id,
                                                      deployment::v1::DocumentType type,
                                                      const std::string& text);
  absl::StatusOr<std::vector<deployment::v1::Document>> ListDocuments();

  // Trains the model from these documents and waits until it is trained, or failed.
  absl::StatusOr<deployment::v1::Model> Train(const std::vector<std::string>& document_ids);
  absl::StatusOr<deployment::v1::Model> GetModel();
  absl::StatusOr<deployment::v1::Model> Deploy();
  absl::StatusOr<std::string> Translate(const std::string& text);
  // The same, tried once only.
  absl::StatusOr<std::string> TranslateOnce(const std::string& text);

  absl::StatusOr<encryption::v1::GenerateDataKeyResponse> GenerateDataKey();

  absl::StatusOr<std::vector<deployment::v1::Receipt>> ListReceipts(
      deployment::v1::Receipt::Kind kind);
  // The statement of a receipt whose signature verifies with the published keys; an error
  // otherwise.
  absl::StatusOr<deployment::v1::ReceiptStatement> Verify(const deployment::v1::Receipt& receipt);

  // All of the above that makes a customer with a deployed model under a customer key, from two
  // tiny documents.
  absl::Status SetUpSmall();

  Client& client() { return client_; }

 private:
  absl::StatusOr<deployment::v1::Document> Upload(
      const deployment::v1::UploadDocumentRequest::Start& start,
      std::function<std::function<std::string()>()> open);

  Client& client_;
  const std::string id_;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_CUSTOMER_H_
