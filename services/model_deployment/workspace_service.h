#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_SERVICE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/deployment/v1/workspaces.grpc.pb.h"
#include "services/model_deployment/workspace_handler.h"

namespace keyward::model_deployment {

// The gRPC adapter of WorkspaceService. Thread-safe.
class WorkspaceService final : public deployment::v1::WorkspaceService::CallbackService {
 public:
  WorkspaceService(server::Dispatcher& dispatcher, WorkspaceHandler& workspaces)
      : dispatcher_(dispatcher), workspaces_(workspaces) {}

  grpc::ServerUnaryReactor* CreateWorkspace(grpc::CallbackServerContext* context,
                                            const deployment::v1::CreateWorkspaceRequest* request,
                                            deployment::v1::Workspace* response) override;
  grpc::ServerUnaryReactor* GetWorkspace(grpc::CallbackServerContext* context,
                                         const deployment::v1::GetWorkspaceRequest* request,
                                         deployment::v1::Workspace* response) override;
  grpc::ServerUnaryReactor* ListWorkspaces(
      grpc::CallbackServerContext* context, const deployment::v1::ListWorkspacesRequest* request,
      deployment::v1::ListWorkspacesResponse* response) override;
  grpc::ServerUnaryReactor* CreateProject(grpc::CallbackServerContext* context,
                                          const deployment::v1::CreateProjectRequest* request,
                                          deployment::v1::Project* response) override;
  grpc::ServerUnaryReactor* GetProject(grpc::CallbackServerContext* context,
                                       const deployment::v1::GetProjectRequest* request,
                                       deployment::v1::Project* response) override;
  grpc::ServerUnaryReactor* ListProjects(grpc::CallbackServerContext* context,
                                         const deployment::v1::ListProjectsRequest* request,
                                         deployment::v1::ListProjectsResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  WorkspaceHandler& workspaces_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_SERVICE_H_
