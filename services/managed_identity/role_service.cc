#include "services/managed_identity/role_service.h"

namespace keyward::managed_identity {

grpc::ServerUnaryReactor* RoleService::CreateRoleAssignment(
    grpc::CallbackServerContext* context, const identity::v1::CreateRoleAssignmentRequest* request,
    identity::v1::RoleAssignment* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return roles_.Create(call, request); });
}

grpc::ServerUnaryReactor* RoleService::ListRoleAssignments(
    grpc::CallbackServerContext* context, const identity::v1::ListRoleAssignmentsRequest* request,
    identity::v1::ListRoleAssignmentsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return roles_.List(request);
  });
}

grpc::ServerUnaryReactor* RoleService::DeleteRoleAssignment(
    grpc::CallbackServerContext* context, const identity::v1::DeleteRoleAssignmentRequest* request,
    identity::v1::DeleteRoleAssignmentResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return roles_.Delete(call, request); });
}

}  // namespace keyward::managed_identity
