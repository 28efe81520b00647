#include "services/managed_identity/identity_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* IdentityService::CreateIdentity(
    grpc::CallbackServerContext* context, const identity::v1::CreateIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return identities_.Create(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::GetIdentity(
    grpc::CallbackServerContext* context, const identity::v1::GetIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return identities_.Get(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::ListIdentities(
    grpc::CallbackServerContext* context, const identity::v1::ListIdentitiesRequest* request,
    identity::v1::ListIdentitiesResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return identities_.List(request);
  });
}

grpc::ServerUnaryReactor* IdentityService::EnableIdentity(
    grpc::CallbackServerContext* context, const identity::v1::EnableIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return identities_.Enable(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::DisableIdentity(
    grpc::CallbackServerContext* context, const identity::v1::DisableIdentityRequest* request,
    identity::v1::DisableIdentityResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return identities_.Disable(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::DeleteIdentity(
    grpc::CallbackServerContext* context, const identity::v1::DeleteIdentityRequest* request,
    identity::v1::DeleteIdentityResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return identities_.Delete(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::CreateUserAssignedIdentity(
    grpc::CallbackServerContext* context,
    const identity::v1::CreateUserAssignedIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return attachments_.CreateUserAssigned(call, request);
                           });
}

grpc::ServerUnaryReactor* IdentityService::AttachIdentity(
    grpc::CallbackServerContext* context, const identity::v1::AttachIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return attachments_.Attach(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::DetachIdentity(
    grpc::CallbackServerContext* context, const identity::v1::DetachIdentityRequest* request,
    identity::v1::DetachIdentityResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return attachments_.Detach(call, request); });
}

grpc::ServerUnaryReactor* IdentityService::SelectIdentity(
    grpc::CallbackServerContext* context, const identity::v1::SelectIdentityRequest* request,
    identity::v1::Identity* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return attachments_.Select(request);
  });
}

}  // namespace keyward::managed_identity
