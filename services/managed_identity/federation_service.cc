#include "services/managed_identity/federation_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* FederationService::CreateTrustedIssuer(
    grpc::CallbackServerContext* context, const identity::v1::CreateTrustedIssuerRequest* request,
    identity::v1::TrustedIssuer* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return issuers_.Create(call, request); });
}

grpc::ServerUnaryReactor* FederationService::GetTrustedIssuer(
    grpc::CallbackServerContext* context, const identity::v1::GetTrustedIssuerRequest* request,
    identity::v1::TrustedIssuer* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return issuers_.Get(request);
  });
}

grpc::ServerUnaryReactor* FederationService::ListTrustedIssuers(
    grpc::CallbackServerContext* context, const identity::v1::ListTrustedIssuersRequest* request,
    identity::v1::ListTrustedIssuersResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return issuers_.List(request);
  });
}

grpc::ServerUnaryReactor* FederationService::UpdateTrustedIssuer(
    grpc::CallbackServerContext* context, const identity::v1::UpdateTrustedIssuerRequest* request,
    identity::v1::TrustedIssuer* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return issuers_.Update(call, request); });
}

grpc::ServerUnaryReactor* FederationService::DeleteTrustedIssuer(
    grpc::CallbackServerContext* context, const identity::v1::DeleteTrustedIssuerRequest* request,
    identity::v1::DeleteTrustedIssuerResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return issuers_.Delete(call, request); });
}

grpc::ServerUnaryReactor* FederationService::CreateFederatedCredential(
    grpc::CallbackServerContext* context,
    const identity::v1::CreateFederatedCredentialRequest* request,
    identity::v1::FederatedCredential* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return credentials_.Create(call, request); });
}

grpc::ServerUnaryReactor* FederationService::GetFederatedCredential(
    grpc::CallbackServerContext* context,
    const identity::v1::GetFederatedCredentialRequest* request,
    identity::v1::FederatedCredential* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return credentials_.Get(request);
  });
}

grpc::ServerUnaryReactor* FederationService::ListFederatedCredentials(
    grpc::CallbackServerContext* context,
    const identity::v1::ListFederatedCredentialsRequest* request,
    identity::v1::ListFederatedCredentialsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return credentials_.List(request);
  });
}

grpc::ServerUnaryReactor* FederationService::DeleteFederatedCredential(
    grpc::CallbackServerContext* context,
    const identity::v1::DeleteFederatedCredentialRequest* request,
    identity::v1::DeleteFederatedCredentialResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return credentials_.Delete(call, request); });
}

}  // namespace keyward::managed_identity
