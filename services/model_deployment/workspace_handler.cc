#include "services/model_deployment/workspace_handler.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/field_errors.h"
#include "common/status/status_macros.h"
#include "common/storage/page_token.h"
#include "common/storage/request_ids.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/names.h"
#include "services/model_deployment/timestamps.h"
#include "services/model_deployment/unicode.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Project;
using deployment::v1::Workspace;

constexpr size_t kLongestDisplayName = 256;

absl::Status CheckDisplayName(absl::string_view field, const std::string& name) {
  if (DecodeUtf8(name).size() <= kLongestDisplayName) return absl::OkStatus();
  return InvalidField(field, "must have at most 256 characters");
}

// What of a workspace belongs to its account.
absl::Status AddAccountTo(storage::Transaction& tx, absl::string_view account,
                          Workspace& workspace) {
  KW_ASSIGN_OR_RETURN(std::optional<Account> known, FindAccount(tx, account));
  if (!known.has_value()) return absl::OkStatus();
  workspace.set_region(known->region);
  *workspace.mutable_access() = ToAccess(*known);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Workspace> WorkspaceHandler::Create(
    const server::CallContext& call, const deployment::v1::CreateWorkspaceRequest& request) {
  absl::StatusOr<AccountName> parent = AccountName::Parse("parent", request.parent());
  FieldErrors errors;
  errors.Check(parent.status());
  errors.Check(CheckId("workspace_id", request.workspace_id()));
  errors.Check(CheckDisplayName("workspace.display_name", request.workspace().display_name()));
  KW_RETURN_IF_ERROR(errors.ToStatus());
  const AccountName& account = *parent;
  KW_RETURN_IF_ERROR(LearnAccount(call, account.ToString()));
  KW_ASSIGN_OR_RETURN(AccessPass pass, gates_.Enter(account.ToString()));
  KW_RETURN_IF_ERROR(pass.Confirm());
  return storage::IdempotentWrite<Workspace>(
      database_, clock_.Now(), call.caller.principal, request,
      [&](storage::Transaction& tx) -> absl::StatusOr<Workspace> {
        Workspace workspace;
        workspace.set_name(absl::StrCat(request.parent(), "/workspaces/", request.workspace_id()));
        workspace.set_display_name(request.workspace().display_name());
        *workspace.mutable_create_time() = ToProto(clock_.Now());
        KW_RETURN_IF_ERROR(InsertWorkspace(tx, account.ToString(), workspace));
        KW_RETURN_IF_ERROR(AddAccountTo(tx, account.ToString(), workspace));
        return workspace;
      });
}

absl::Status WorkspaceHandler::LearnAccount(const server::CallContext& call,
                                            const std::string& name) {
  bool known = false;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(std::optional<Account> account, FindAccount(tx, name));
    known = account.has_value();
    return absl::OkStatus();
  }));
  if (known) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(Account account,
                      encryption_.GetAccount({call.correlation_id, call.deadline}, name));
  return database_.Write([&](storage::Transaction& tx) -> absl::Status {
    // If the feed has told of it meanwhile, the feed is right.
    KW_ASSIGN_OR_RETURN(bool added, AddAccount(tx, account));
    if (added) tx.OnCommit([this, account] { gates_.Set(account); });
    return absl::OkStatus();
  });
}

absl::StatusOr<Workspace> WorkspaceHandler::Get(
    const deployment::v1::GetWorkspaceRequest& request) {
  KW_ASSIGN_OR_RETURN(WorkspaceName name, WorkspaceName::Parse("name", request.name()));
  Workspace workspace;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(workspace, GetWorkspace(tx, name.ToString()));
    return AddAccountTo(tx, name.account(), workspace);
  }));
  return workspace;
}

absl::StatusOr<deployment::v1::ListWorkspacesResponse> WorkspaceHandler::List(
    const deployment::v1::ListWorkspacesRequest& request) {
  KW_ASSIGN_OR_RETURN(AccountName account, AccountName::Parse("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(storage::Page page, storage::ParsePage(request));
  std::vector<Workspace> workspaces;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(workspaces, ListWorkspaces(tx, account.ToString(), page));
    for (Workspace& workspace : workspaces) {
      KW_RETURN_IF_ERROR(AddAccountTo(tx, account.ToString(), workspace));
    }
    return absl::OkStatus();
  }));
  deployment::v1::ListWorkspacesResponse response;
  response.set_next_page_token(storage::CutPage(request, page, workspaces,
                                                [](const Workspace& last) { return last.name(); }));
  for (Workspace& workspace : workspaces) *response.add_workspaces() = std::move(workspace);
  return response;
}

absl::StatusOr<Project> WorkspaceHandler::CreateProject(
    const server::CallContext& call, const deployment::v1::CreateProjectRequest& request) {
  absl::StatusOr<WorkspaceName> named = WorkspaceName::Parse("parent", request.parent());
  const Project& wanted = request.project();
  FieldErrors errors;
  errors.Check(named.status());
  errors.Check(CheckId("project_id", request.project_id()));
  errors.Check(CheckLanguage("project.source_language", wanted.source_language()));
  errors.Check(CheckLanguage("project.target_language", wanted.target_language()));
  errors.Check(CheckDisplayName("project.display_name", wanted.display_name()));
  KW_RETURN_IF_ERROR(errors.ToStatus());
  const WorkspaceName& parent = *named;
  KW_RETURN_IF_ERROR(database_.Read(
      [&](storage::Transaction& tx) { return GetWorkspace(tx, parent.ToString()).status(); }));
  KW_RETURN_IF_ERROR(gates_.Enter(parent.account()).status());
  KW_RETURN_IF_ERROR(CheckPair({wanted.source_language(), wanted.target_language()}));
  return storage::IdempotentWrite<Project>(
      database_, clock_.Now(), call.caller.principal, request,
      [&](storage::Transaction& tx) -> absl::StatusOr<Project> {
        KW_RETURN_IF_ERROR(GetWorkspace(tx, parent.ToString()).status());
        Project project;
        project.set_name(absl::StrCat(request.parent(), "/projects/", request.project_id()));
        project.set_source_language(wanted.source_language());
        project.set_target_language(wanted.target_language());
        project.set_display_name(wanted.display_name());
        *project.mutable_create_time() = ToProto(clock_.Now());
        KW_RETURN_IF_ERROR(InsertProject(tx, parent.ToString(), project));
        return project;
      });
}

absl::Status WorkspaceHandler::CheckPair(const LanguagePair& pair) const {
  std::vector<LanguagePair> installed = runtime_.InstalledPairs();
  if (std::find(installed.begin(), installed.end(), pair) != installed.end()) {
    return absl::OkStatus();
  }
  return LanguagePairNotInstalled(
      pair.ToString(),
      absl::StrJoin(installed, ", ", [](std::string* out, const LanguagePair& other) {
        absl::StrAppend(out, other.ToString());
      }));
}

absl::StatusOr<Project> WorkspaceHandler::GetProject(
    const deployment::v1::GetProjectRequest& request) {
  KW_ASSIGN_OR_RETURN(ProjectName name, ProjectName::Parse("name", request.name()));
  Project project;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(project, model_deployment::GetProject(tx, name.ToString()));
    return absl::OkStatus();
  }));
  return project;
}

absl::StatusOr<deployment::v1::ListProjectsResponse> WorkspaceHandler::ListProjects(
    const deployment::v1::ListProjectsRequest& request) {
  KW_ASSIGN_OR_RETURN(WorkspaceName parent, WorkspaceName::Parse("parent", request.parent()));
  KW_ASSIGN_OR_RETURN(storage::Page page, storage::ParsePage(request));
  deployment::v1::ListProjectsResponse response;
  if (gates_.Denied(parent.account())) return response;
  std::vector<Project> projects;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(projects, model_deployment::ListProjects(tx, parent.ToString(), page));
    return absl::OkStatus();
  }));
  if (gates_.Denied(parent.account())) return response;
  response.set_next_page_token(
      storage::CutPage(request, page, projects, [](const Project& last) { return last.name(); }));
  for (Project& project : projects) *response.add_projects() = std::move(project);
  return response;
}

}  // namespace keyward::model_deployment
