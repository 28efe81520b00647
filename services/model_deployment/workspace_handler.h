#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_HANDLER_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/deployment/v1/workspaces.pb.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/encryption_client.h"
#include "services/model_deployment/model_runtime.h"

namespace keyward::model_deployment {

// Workspaces and the projects in them. The methods are those of WorkspaceService. Thread-safe.
class WorkspaceHandler {
 public:
  WorkspaceHandler(storage::Database& database, AccessGates& gates, EncryptionClient& encryption,
                   const ModelRuntime& runtime, const clock::Clock& clock)
      : database_(database),
        gates_(gates),
        encryption_(encryption),
        runtime_(runtime),
        clock_(clock) {}

  absl::StatusOr<deployment::v1::Workspace> Create(
      const server::CallContext& call, const deployment::v1::CreateWorkspaceRequest& request);
  absl::StatusOr<deployment::v1::Workspace> Get(const deployment::v1::GetWorkspaceRequest& request);
  absl::StatusOr<deployment::v1::ListWorkspacesResponse> List(
      const deployment::v1::ListWorkspacesRequest& request);

  absl::StatusOr<deployment::v1::Project> CreateProject(
      const server::CallContext& call, const deployment::v1::CreateProjectRequest& request);
  absl::StatusOr<deployment::v1::Project> GetProject(
      const deployment::v1::GetProjectRequest& request);
  absl::StatusOr<deployment::v1::ListProjectsResponse> ListProjects(
      const deployment::v1::ListProjectsRequest& request);

 private:
  // Makes an account known that the feed has not told of yet.
  absl::Status LearnAccount(const server::CallContext& call, const std::string& name);
  absl::Status CheckPair(const LanguagePair& pair) const;

  storage::Database& database_;
  AccessGates& gates_;
  EncryptionClient& encryption_;
  const ModelRuntime& runtime_;
  const clock::Clock& clock_;
};

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_HANDLER_H_
