#include "common/auth/authorizer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/auth/errors.h"
#include "common/auth/principal_store.h"
#include "common/auth/testing/test_identities.h"
#include "common/status/error.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::auth {
namespace {

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";

// Vaults lie in subscription s, which lies in tenant t.
class FakeHierarchy final : public ResourceHierarchy {
 public:
  absl::StatusOr<std::vector<std::string>> Ancestors(absl::string_view resource) override {
    ++asked;
    if (!error.ok()) return error;
    if (resource != "vaults/v") return std::vector<std::string>{std::string(resource), "/"};
    return std::vector<std::string>{"vaults/v", "subscriptions/s", "tenants/t", "/"};
  }

  int asked = 0;
  absl::Status error;
};

class FakeChecker final : public KeyPermissionChecker {
 public:
  absl::Status Check(const Caller&, absl::string_view, absl::string_view) override {
    return answer;
  }

  absl::Status answer = NotAuthorized();
};

class AuthorizerTest : public ::testing::Test {
 protected:
  AuthorizerTest()
      : file_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(*storage::Database::Open(file_->url(), {AuthSchema()})),
        identities_(*database_, directory_, clock_),
        authorizer_(directory_, hierarchy_, &checker_, [this] { return fresh_; }) {
    rule_.set_permission("keyvault.vaults.get");
    rule_.set_resource("name");
  }

  absl::Status Authorize(const std::string& resource) {
    return authorizer_.Authorize({.kind = Caller::Kind::kOperator,
                                  .principal = kAlice,
                                  .name = "alice",
                                  .via = "",
                                  .tenant = "",
                                  .resource = ""},
                                 rule_, resource);
  }

  clock::FakeClock clock_;
  std::unique_ptr<storage::testing::TemporaryDatabase> file_;
  std::unique_ptr<storage::Database> database_;
  PrincipalDirectory directory_;
  testing::TestIdentities identities_;
  FakeHierarchy hierarchy_;
  FakeChecker checker_;
  absl::Status fresh_;
  Authorizer authorizer_;
  v1::Authorization rule_;
};

TEST_F(AuthorizerTest, NobodyMayByDefault) {
  rule_.Clear();
  identities_.Grant(kAlice, identity::v1::ROLE_ADMINISTRATOR, "/");
  EXPECT_EQ(ErrorReason(Authorize("vaults/v")), "NOT_AUTHORIZED");
}

TEST_F(AuthorizerTest, RoleCountsOnEveryAncestorAndNowhereElse) {
  for (const std::string scope : {"vaults/v", "subscriptions/s", "tenants/t", "/"}) {
    const std::string role = identities_.Grant(kAlice, identity::v1::ROLE_READER, scope);
    EXPECT_TRUE(Authorize("vaults/v").ok()) << scope;
    EXPECT_EQ(Authorize("vaults/other").ok(), scope == "/") << scope;
    EXPECT_EQ(Authorize("").ok(), scope == "/") << scope;
    identities_.Revoke(role);
    EXPECT_FALSE(Authorize("vaults/v").ok());
  }
}

TEST_F(AuthorizerTest, RoleMustContainThePermission) {
  identities_.Grant(kAlice, identity::v1::ROLE_AUDITOR, "/");
  EXPECT_EQ(ErrorReason(Authorize("vaults/v")), "NOT_AUTHORIZED");
}

TEST_F(AuthorizerTest, RefusalNamesThePermissionAndTheRolesButNotWhetherTheResourceExists) {
  identities_.Grant(kAlice, identity::v1::ROLE_AUDITOR, "/");
  const absl::Status refusal = Authorize("vaults/v");
  EXPECT_EQ(ErrorMetadata(refusal, "permission"), "keyvault.vaults.get");
  EXPECT_TRUE(absl::StrContains(refusal.message(), "keyvault.vaults.get")) << refusal;
  for (const char* role : {"ROLE_ADMINISTRATOR", "ROLE_KEY_VAULT_ADMINISTRATOR", "ROLE_READER"}) {
    EXPECT_TRUE(absl::StrContains(refusal.message(), role)) << role << " in " << refusal;
  }
  EXPECT_FALSE(absl::StrContains(refusal.message(), "ROLE_AUDITOR")) << refusal;
  EXPECT_EQ(refusal, Authorize("vaults/none"));
}

TEST_F(AuthorizerTest, RoleOnTheRootSparesTheQuestionWhatLiesAbove) {
  identities_.Grant(kAlice, identity::v1::ROLE_READER, "/");
  EXPECT_TRUE(Authorize("vaults/v").ok());
  EXPECT_EQ(hierarchy_.asked, 0);
}

TEST_F(AuthorizerTest, WhatCannotBeFoundOutIsNoRefusal) {
  hierarchy_.error = absl::UnavailableError("no database");
  EXPECT_EQ(Authorize("vaults/v"), hierarchy_.error);
  fresh_ = IdentityFeedStale();
  EXPECT_EQ(ErrorReason(Authorize("vaults/v")), "FEED_STALE");
}

TEST_F(AuthorizerTest, KeyPermissionIsAnotherWayIn) {
  rule_.set_key_permission("get");
  EXPECT_FALSE(Authorize("vaults/v").ok());
  checker_.answer = absl::OkStatus();
  EXPECT_TRUE(Authorize("vaults/v").ok());
  fresh_ = IdentityFeedStale();
  EXPECT_TRUE(Authorize("vaults/v").ok()) << "the access policy alone decides";
  checker_.answer = NotAuthorized();
  EXPECT_EQ(ErrorReason(Authorize("vaults/v")), "FEED_STALE") << "the role may have let it in";
}

TEST_F(AuthorizerTest, RefusalOfThePolicyIsTold) {
  rule_.clear_permission();
  rule_.set_key_permission("get");
  checker_.answer = ErrorBuilder(absl::StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY", "no");
  EXPECT_EQ(ErrorReason(Authorize("vaults/v")), "FORBIDDEN_BY_POLICY");
}

TEST_F(AuthorizerTest, MalformedResourceIsToldWithTheFieldThatHoldsIt) {
  rule_.clear_permission();
  rule_.set_key_permission("import");
  rule_.set_resource("parent");
  checker_.answer = absl::InvalidArgumentError("must be \"vaults/{vault}\"");
  const absl::Status status = Authorize("vaults//");
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_EQ(status.message(), "Field 'parent' must be \"vaults/{vault}\"");
}

}  // namespace
}  // namespace keyward::auth
