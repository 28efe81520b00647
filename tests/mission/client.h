#ifndef KEYWARD_TESTS_MISSION_CLIENT_H_
#define KEYWARD_TESTS_MISSION_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/channel.h"
#include "common/status/grpc_status.h"
#include "google/protobuf/message.h"
#include "keyward/audit/v1/audit.grpc.pb.h"
#include "keyward/deployment/v1/documents.grpc.pb.h"
#include "keyward/deployment/v1/models.grpc.pb.h"
#include "keyward/deployment/v1/receipts.grpc.pb.h"
#include "keyward/deployment/v1/translation.grpc.pb.h"
#include "keyward/deployment/v1/workspaces.grpc.pb.h"
#include "keyward/encryption/v1/accounts.grpc.pb.h"
#include "keyward/encryption/v1/data.grpc.pb.h"
#include "keyward/encryption/v1/settings.grpc.pb.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "keyward/keyvault/v1/keys.grpc.pb.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"

namespace keyward::mission {

// Where a suite listens, and the certificate that its operator shows.
struct Endpoints {
  std::string managed_identity;
  std::string key_vault;
  std::string encryption;
  std::string model_deployment;
  server::TlsFiles operator_tls;
  std::string trust_domain = "keyward.local";
};

// An operator outside the suite: one mTLS channel a service and the stubs on it. Calls behave as a
// careful client's do: UNAVAILABLE is tried again until `patience` has passed, with the same
// request_id, so that an answer lost on the way makes nothing happen twice.
class Client {
 public:
  explicit Client(const Endpoints& endpoints, absl::Duration patience = absl::Seconds(30));

  // Runs before every attempt of a call; tests use it to interfere.
  void SetBeforeCall(std::function<void()> hook) { before_call_ = std::move(hook); }

  // Calls and retries as said above. Sets request_id if the request has one and it is empty.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                Request request) {
    SetRequestId(request);
    Response response;
    absl::Status status = Retry([&](grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, request, &response);
    });
    if (!status.ok()) return status;
    return response;
  }

  // Calls once, whatever comes.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallOnce(Stub& stub,
                                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                                    const Request& request) {
    Response response;
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  // Sends `size` bytes, read in pieces through `read` (which returns "" at the end), as one upload.
  // An upload that was cut off is sent again from the start; one whose answer was lost is found
  // there.
  absl::StatusOr<deployment::v1::Document> Upload(
      const deployment::v1::UploadDocumentRequest::Start& start,
      std::function<std::function<std::string()>()> open);

  // Downloads a document whole; only for small ones.
  absl::StatusOr<std::string> Download(const std::string& document);

  static void SetDeadline(grpc::ClientContext& context);

  std::unique_ptr<identity::v1::TenantService::Stub> tenants;
  std::unique_ptr<identity::v1::IdentityService::Stub> identities;
  std::unique_ptr<identity::v1::TokenService::Stub> tokens;
  std::unique_ptr<identity::v1::RoleService::Stub> roles;
  std::unique_ptr<keyvault::v1::VaultService::Stub> vaults;
  std::unique_ptr<keyvault::v1::KeyService::Stub> keys;
  std::unique_ptr<keyvault::v1::CryptographyService::Stub> cryptography;
  std::unique_ptr<audit::v1::AuditService::Stub> vault_audit;
  std::unique_ptr<encryption::v1::AccountService::Stub> accounts;
  std::unique_ptr<encryption::v1::EncryptionSettingsService::Stub> settings;
  std::unique_ptr<encryption::v1::DataService::Stub> data;
  std::unique_ptr<deployment::v1::WorkspaceService::Stub> workspaces;
  std::unique_ptr<deployment::v1::DocumentService::Stub> documents;
  std::unique_ptr<deployment::v1::ModelService::Stub> models;
  std::unique_ptr<deployment::v1::TranslationService::Stub> translation;
  std::unique_ptr<deployment::v1::ReceiptService::Stub> receipts;

 private:
  using Attempt = std::function<grpc::Status(grpc::ClientContext&)>;

  absl::Status Retry(const Attempt& attempt);
  static void SetRequestId(google::protobuf::Message& request);

  const absl::Duration patience_;
  std::function<void()> before_call_;
};

}  // namespace keyward::mission

#endif  // KEYWARD_TESTS_MISSION_CLIENT_H_
