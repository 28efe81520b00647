#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_STORE_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/storage/page_token.h"
#include "common/storage/transaction.h"
#include "keyward/deployment/v1/workspaces.pb.h"

// Workspaces and projects. What belongs to the account (region, access) is not stored here and left
// empty.
namespace keyward::model_deployment {

// ALREADY_EXISTS (WORKSPACE_EXISTS).
absl::Status InsertWorkspace(storage::Transaction& tx, absl::string_view account,
                             const deployment::v1::Workspace& workspace);
// NOT_FOUND (WORKSPACE_NOT_FOUND).
absl::StatusOr<deployment::v1::Workspace> GetWorkspace(storage::Transaction& tx,
                                                       absl::string_view name);
// By name; one more than the page's size if there is a next page.
absl::StatusOr<std::vector<deployment::v1::Workspace>> ListWorkspaces(storage::Transaction& tx,
                                                                      absl::string_view account,
                                                                      const storage::Page& page);

// Whether there is any workspace at all.
absl::StatusOr<bool> AnyWorkspace(storage::Transaction& tx);

// ALREADY_EXISTS (PROJECT_EXISTS).
absl::Status InsertProject(storage::Transaction& tx, absl::string_view workspace,
                           const deployment::v1::Project& project);
// NOT_FOUND (PROJECT_NOT_FOUND).
absl::StatusOr<deployment::v1::Project> GetProject(storage::Transaction& tx,
                                                   absl::string_view name);
// By name; one more than the page's size if there is a next page.
absl::StatusOr<std::vector<deployment::v1::Project>> ListProjects(storage::Transaction& tx,
                                                                  absl::string_view workspace,
                                                                  const storage::Page& page);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_WORKSPACE_STORE_H_
