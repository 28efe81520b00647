#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/model_deployment/account_hierarchy.h"
#include "services/model_deployment/testing/deployment_server.h"

namespace keyward::model_deployment::testing {
namespace {

using deployment::v1::Project;
using deployment::v1::Workspace;
using deployment::v1::WorkspaceService;

class WorkspaceServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<Workspace> Create(const std::string& parent, const std::string& id,
                                   const std::string& request_id = "",
                                   const std::string& display_name = "") {
    deployment::v1::CreateWorkspaceRequest request;
    request.set_parent(parent);
    request.set_workspace_id(id);
    request.set_request_id(request_id);
    request.mutable_workspace()->set_display_name(display_name);
    return server_.Call<WorkspaceService>(&WorkspaceService::Stub::CreateWorkspace, request);
  }

  absl::StatusOr<Project> CreateProject(const std::string& source, const std::string& target) {
    deployment::v1::CreateProjectRequest request;
    request.set_parent(kWorkspace);
    request.set_project_id("prj");
    request.mutable_project()->set_source_language(source);
    request.mutable_project()->set_target_language(target);
    return server_.Call<WorkspaceService>(&WorkspaceService::Stub::CreateProject, request);
  }

  DeploymentServer server_;
};

TEST_F(WorkspaceServiceTest, CreatesGetsAndLists) {
  server_.PlayAccount();
  auto workspace = Create(kAccount, "main", "", "Main");
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  EXPECT_EQ(workspace->name(), kWorkspace);
  EXPECT_EQ(workspace->region(), "westeurope");
  EXPECT_EQ(workspace->access().verdict(), encryption::v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(ErrorReason(Create(kAccount, "main").status()), "WORKSPACE_EXISTS");
  auto project = CreateProject("eng", "spa");
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(ErrorReason(CreateProject("eng", "spa").status()), "PROJECT_EXISTS");
  deployment::v1::GetProjectRequest get;
  get.set_name(project->name());
  EXPECT_EQ(
      server_.Call<WorkspaceService>(&WorkspaceService::Stub::GetProject, get)->target_language(),
      "spa");
  deployment::v1::ListProjectsRequest list;
  list.set_parent(kWorkspace);
  EXPECT_EQ(
      server_.Call<WorkspaceService>(&WorkspaceService::Stub::ListProjects, list)->projects_size(),
      1);
  server_.PlayLoss(1, encryption::v1::CAUSE_KEY_DISABLED);
  EXPECT_EQ(
      server_.Call<WorkspaceService>(&WorkspaceService::Stub::ListProjects, list)->projects_size(),
      0);
  deployment::v1::GetWorkspaceRequest show;
  show.set_name(kWorkspace);
  auto denied = server_.Call<WorkspaceService>(&WorkspaceService::Stub::GetWorkspace, show);
  EXPECT_EQ(denied->access().verdict(), encryption::v1::VERDICT_DENIED);
  EXPECT_EQ(denied->access().cause(), encryption::v1::CAUSE_KEY_DISABLED);
}

TEST_F(WorkspaceServiceTest, TheSameRequestTwiceMakesOne) {
  server_.PlayAccount();
  constexpr char kId[] = "0b4d0ae8-8a9e-4b4e-9f39-2f9a3b6d7c11";
  auto first = Create(kAccount, "main", kId);
  auto second = Create(kAccount, "main", kId);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->create_time().nanos(), first->create_time().nanos());
  EXPECT_EQ(ErrorReason(Create(kAccount, "other", kId).status()), "REQUEST_ID_REUSED");
}

TEST_F(WorkspaceServiceTest, AsksForAnAccountThatTheFeedHasNotToldOf) {
  EXPECT_EQ(ErrorReason(Create(kAccount, "main").status()), "ACCOUNT_UNKNOWN");
  Account account;
  account.name = kAccount;
  account.region = "northeurope";
  server_.encryption.AddAccount(account);
  auto workspace = Create(kAccount, "main");
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  EXPECT_EQ(workspace->region(), "northeurope");
}

TEST_F(WorkspaceServiceTest, RefusesBadRequests) {
  server_.PlayAccount();
  EXPECT_EQ(ErrorReason(Create("contoso", "main").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create(kAccount, "x").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create(kAccount, "main", "", std::string(257, 'x')).status()),
            "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(CreateProject("eng", "spa").status()), "WORKSPACE_NOT_FOUND");
  ASSERT_TRUE(Create(kAccount, "main").ok());
  EXPECT_EQ(ErrorReason(CreateProject("en", "spa").status()), "INVALID_REQUEST");
  const absl::Status both = CreateProject("en", "es").status();
  EXPECT_TRUE(absl::StrContains(both.message(), "'project.source_language'")) << both;
  EXPECT_TRUE(absl::StrContains(both.message(), "'project.target_language'")) << both;
  absl::Status missing = CreateProject("eng", "jpn").status();
  EXPECT_EQ(ErrorReason(missing), "LANGUAGE_PAIR_NOT_INSTALLED");
  EXPECT_EQ(ErrorMetadata(missing, "installed"), "eng-spa");
}

TEST_F(WorkspaceServiceTest, KnowsWhatLiesAboveAResource) {
  server_.PlayAccount();
  AccountHierarchy hierarchy(server_.foundation().database());
  EXPECT_THAT(*hierarchy.Ancestors(kModel),
              ::testing::ElementsAre(kModel, kProject, kWorkspace, kAccount, "subscriptions/sub",
                                     "tenants/contoso", "/"));
  EXPECT_THAT(*hierarchy.Ancestors("accounts/unknown"),
              ::testing::ElementsAre("accounts/unknown", "/"));
  for (const char* odd : {"", "/", "accounts", "x/y/z", "accounts/../workspaces/w"}) {
    EXPECT_THAT(*hierarchy.Ancestors(odd), ::testing::ElementsAre(odd, "/"));
  }
}

}  // namespace
}  // namespace keyward::model_deployment::testing
