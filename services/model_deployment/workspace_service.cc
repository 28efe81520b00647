#include "services/model_deployment/workspace_service.h"

namespace keyward::model_deployment {

grpc::ServerUnaryReactor* WorkspaceService::CreateWorkspace(
    grpc::CallbackServerContext* context, const deployment::v1::CreateWorkspaceRequest* request,
    deployment::v1::Workspace* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return workspaces_.Create(call, request); });
}

grpc::ServerUnaryReactor* WorkspaceService::GetWorkspace(
    grpc::CallbackServerContext* context, const deployment::v1::GetWorkspaceRequest* request,
    deployment::v1::Workspace* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return workspaces_.Get(request);
  });
}

grpc::ServerUnaryReactor* WorkspaceService::ListWorkspaces(
    grpc::CallbackServerContext* context, const deployment::v1::ListWorkspacesRequest* request,
    deployment::v1::ListWorkspacesResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return workspaces_.List(request);
  });
}

grpc::ServerUnaryReactor* WorkspaceService::CreateProject(
    grpc::CallbackServerContext* context, const deployment::v1::CreateProjectRequest* request,
    deployment::v1::Project* response) {
  return dispatcher_.Unary(context, request, response,
                           [this](const auto& call, const auto& request) {
                             return workspaces_.CreateProject(call, request);
                           });
}

grpc::ServerUnaryReactor* WorkspaceService::GetProject(
    grpc::CallbackServerContext* context, const deployment::v1::GetProjectRequest* request,
    deployment::v1::Project* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return workspaces_.GetProject(request);
  });
}

grpc::ServerUnaryReactor* WorkspaceService::ListProjects(
    grpc::CallbackServerContext* context, const deployment::v1::ListProjectsRequest* request,
    deployment::v1::ListProjectsResponse* response) {
  return dispatcher_.Unary(context, request, response, [this](const auto&, const auto& request) {
    return workspaces_.ListProjects(request);
  });
}

}  // namespace keyward::model_deployment
