#include "services/model_deployment/names.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace keyward::model_deployment {
namespace {

TEST(Names, ReadBackWhatTheyWrite) {
  auto model = *ModelName::Parse("name", "accounts/acc/workspaces/wsp/projects/prj/models/mod-1");
  EXPECT_EQ(model.ToString(), "accounts/acc/workspaces/wsp/projects/prj/models/mod-1");
  EXPECT_EQ(model.account(), "accounts/acc");
  EXPECT_EQ(model.workspace(), "accounts/acc/workspaces/wsp");
  EXPECT_EQ(model.project(), "accounts/acc/workspaces/wsp/projects/prj");
  EXPECT_EQ(model.id(), "mod-1");
  EXPECT_EQ(DocumentName::Parse("name", "accounts/acc/workspaces/wsp/documents/doc")->workspace(),
            "accounts/acc/workspaces/wsp");
  EXPECT_TRUE(ReceiptName::Parse("name", "accounts/acc/receipts/r00ff").ok());
  EXPECT_TRUE(AccountName::Parse("name", "accounts/" + std::string(63, 'a')).ok());
}

TEST(Names, RefuseAllElseAndNameTheField) {
  for (const char* bad :
       {"", "accounts", "accounts/", "accounts/ab", "accounts/Abc", "accounts/1bc", "accounts/a_c",
        "/accounts/abc", "accounts/abc/", "vaults/abc", "accounts/abc/workspaces/wsp",
        "accounts/../x", "accounts/abc\n"}) {
    absl::Status status = AccountName::Parse("parent", bad).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST") << bad;
  }
  EXPECT_FALSE(AccountName::Parse("name", "accounts/" + std::string(64, 'a')).ok());
  EXPECT_FALSE(ModelName::Parse("name", "accounts/acc/workspaces/wsp/models/mod").ok());
  EXPECT_TRUE(CheckId("id", "abc").ok());
  EXPECT_FALSE(CheckId("id", "a/b").ok());
}

}  // namespace
}  // namespace keyward::model_deployment
