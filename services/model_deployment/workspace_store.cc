#include "services/model_deployment/workspace_store.h"

#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/timestamps.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Project;
using deployment::v1::Workspace;

Workspace WorkspaceFrom(const storage::Row& row) {
  Workspace workspace;
  workspace.set_name(row.GetString(0));
  workspace.set_display_name(row.GetString(1));
  *workspace.mutable_create_time() = ToProto(row.GetTime(2));
  return workspace;
}

Project ProjectFrom(const storage::Row& row) {
  Project project;
  project.set_name(row.GetString(0));
  project.set_source_language(row.GetString(1));
  project.set_target_language(row.GetString(2));
  project.set_display_name(row.GetString(3));
  *project.mutable_create_time() = ToProto(row.GetTime(4));
  return project;
}

}  // namespace

absl::Status InsertWorkspace(storage::Transaction& tx, absl::string_view account,
                             const Workspace& workspace) {
  absl::Status status = tx.Execute(
                              "INSERT INTO workspaces (name, account, display_name, create_time) "
                              "VALUES (:name, :account, :display_name, :create_time)",
                              {{"name", workspace.name()},
                               {"account", std::string(account)},
                               {"display_name", workspace.display_name()},
                               {"create_time", FromProto(workspace.create_time())}})
                            .status();
  return absl::IsAlreadyExists(status) ? WorkspaceExists(workspace.name()) : status;
}

absl::StatusOr<Workspace> GetWorkspace(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT name, display_name, create_time FROM workspaces WHERE name = :name",
                  {{"name", std::string(name)}}));
  if (!row.has_value()) return WorkspaceNotFound(name);
  return WorkspaceFrom(*row);
}

absl::StatusOr<std::vector<Workspace>> ListWorkspaces(storage::Transaction& tx,
                                                      absl::string_view account,
                                                      const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(
      std::vector<storage::Row> rows,
      tx.Query(
          "SELECT name, display_name, create_time FROM workspaces "
          "WHERE account = :account AND name > :after ORDER BY name "
          "LIMIT :limit",
          {{"account", std::string(account)}, {"after", page.after}, {"limit", page.size + 1}}));
  std::vector<Workspace> workspaces;
  for (const storage::Row& row : rows) workspaces.push_back(WorkspaceFrom(row));
  return workspaces;
}

absl::StatusOr<bool> AnyWorkspace(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT 1 FROM workspaces LIMIT 1"));
  return row.has_value();
}

absl::Status InsertProject(storage::Transaction& tx, absl::string_view workspace,
                           const Project& project) {
  absl::Status status =
      tx.Execute(
            "INSERT INTO projects (name, workspace, source_language, target_language, "
            "display_name, create_time) VALUES (:name, :workspace, :source_language, "
            ":target_language, :display_name, :create_time)",
            {{"name", project.name()},
             {"workspace", std::string(workspace)},
             {"source_language", project.source_language()},
             {"target_language", project.target_language()},
             {"display_name", project.display_name()},
             {"create_time", FromProto(project.create_time())}})
          .status();
  return absl::IsAlreadyExists(status) ? ProjectExists(project.name()) : status;
}

absl::StatusOr<Project> GetProject(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> row,
                      tx.QueryOne("SELECT name, source_language, target_language, display_name, "
                                  "create_time FROM projects WHERE name = :name",
                                  {{"name", std::string(name)}}));
  if (!row.has_value()) return ProjectNotFound(name);
  return ProjectFrom(*row);
}

absl::StatusOr<std::vector<Project>> ListProjects(storage::Transaction& tx,
                                                  absl::string_view workspace,
                                                  const storage::Page& page) {
  KW_ASSIGN_OR_RETURN(std::vector<storage::Row> rows,
                      tx.Query("SELECT name, source_language, target_language, display_name, "
                               "create_time FROM projects WHERE workspace = :workspace AND "
                               "name > :after ORDER BY name LIMIT :limit",
                               {{"workspace", std::string(workspace)},
                                {"after", page.after},
                                {"limit", page.size + 1}}));
  std::vector<Project> projects;
  for (const storage::Row& row : rows) projects.push_back(ProjectFrom(row));
  return projects;
}

}  // namespace keyward::model_deployment
