#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_SERVICE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/identity/v1/federation.grpc.pb.h"
#include "services/managed_identity/credential_handler.h"
#include "services/managed_identity/trusted_issuer_handler.h"

namespace keyward::managed_identity {

// The gRPC adapter of FederationService. Thread-safe.
class FederationService final : public identity::v1::FederationService::CallbackService {
 public:
  FederationService(server::Dispatcher& dispatcher, const TrustedIssuerHandler& issuers,
                    const CredentialHandler& credentials)
      : dispatcher_(dispatcher), issuers_(issuers), credentials_(credentials) {}

  grpc::ServerUnaryReactor* CreateTrustedIssuer(
      grpc::CallbackServerContext* context, const identity::v1::CreateTrustedIssuerRequest* request,
      identity::v1::TrustedIssuer* response) override;
  grpc::ServerUnaryReactor* GetTrustedIssuer(grpc::CallbackServerContext* context,
                                             const identity::v1::GetTrustedIssuerRequest* request,
                                             identity::v1::TrustedIssuer* response) override;
  grpc::ServerUnaryReactor* ListTrustedIssuers(
      grpc::CallbackServerContext* context, const identity::v1::ListTrustedIssuersRequest* request,
      identity::v1::ListTrustedIssuersResponse* response) override;
  grpc::ServerUnaryReactor* UpdateTrustedIssuer(
      grpc::CallbackServerContext* context, const identity::v1::UpdateTrustedIssuerRequest* request,
      identity::v1::TrustedIssuer* response) override;
  grpc::ServerUnaryReactor* DeleteTrustedIssuer(
      grpc::CallbackServerContext* context, const identity::v1::DeleteTrustedIssuerRequest* request,
      identity::v1::DeleteTrustedIssuerResponse* response) override;
  grpc::ServerUnaryReactor* CreateFederatedCredential(
      grpc::CallbackServerContext* context,
      const identity::v1::CreateFederatedCredentialRequest* request,
      identity::v1::FederatedCredential* response) override;
  grpc::ServerUnaryReactor* GetFederatedCredential(
      grpc::CallbackServerContext* context,
      const identity::v1::GetFederatedCredentialRequest* request,
      identity::v1::FederatedCredential* response) override;
  grpc::ServerUnaryReactor* ListFederatedCredentials(
      grpc::CallbackServerContext* context,
      const identity::v1::ListFederatedCredentialsRequest* request,
      identity::v1::ListFederatedCredentialsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteFederatedCredential(
      grpc::CallbackServerContext* context,
      const identity::v1::DeleteFederatedCredentialRequest* request,
      identity::v1::DeleteFederatedCredentialResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  const TrustedIssuerHandler& issuers_;
  const CredentialHandler& credentials_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_SERVICE_H_
