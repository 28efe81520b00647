// Every statement of the stores, on both SQL engines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "services/model_deployment/account_store.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/loss_store.h"
#include "services/model_deployment/model_store.h"
#include "services/model_deployment/receipt_store.h"
#include "services/model_deployment/schema.h"
#include "services/model_deployment/timestamps.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {
namespace {

using deployment::v1::Model;
using deployment::v1::Receipt;
using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;

constexpr char kAccount[] = "accounts/contoso";
constexpr char kWorkspace[] = "accounts/contoso/workspaces/main";
constexpr char kProject[] = "accounts/contoso/workspaces/main/projects/prj";
constexpr char kModel[] = "accounts/contoso/workspaces/main/projects/prj/models/mod";
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class StoresTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    temporary_ = TemporaryDatabase::Sqlite();
    if (GetParam() == "postgresql") {
      auto made = TemporaryDatabase::Postgresql();
      if (!made.ok()) GTEST_SKIP() << made.status().message();
      temporary_ = *std::move(made);
    }
    auto database = storage::Database::Open(temporary_->url(), {ModelDeploymentSchema()});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    Write([](storage::Transaction& tx) {
      deployment::v1::Workspace workspace;
      workspace.set_name(kWorkspace);
      workspace.set_display_name("Main");
      ASSERT_TRUE(InsertWorkspace(tx, kAccount, workspace).ok());
      deployment::v1::Project project;
      project.set_name(kProject);
      project.set_source_language("eng");
      project.set_target_language("spa");
      ASSERT_TRUE(InsertProject(tx, kWorkspace, project).ok());
    });
  }

  void Write(const std::function<void(storage::Transaction&)>& work) {
    absl::Status status = database_->Write([&](storage::Transaction& tx) {
      work(tx);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  static StoredDocument MakeDocument(const std::string& id, int64_t epoch = 0) {
    StoredDocument stored;
    stored.blob = absl::StrCat("blob-", id, "-", epoch);
    stored.document.set_name(absl::StrCat(kWorkspace, "/documents/", id));
    stored.document.set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
    stored.document.set_format(deployment::v1::DOCUMENT_FORMAT_TMX);
    stored.document.set_size_bytes(10);
    stored.document.set_pair_count(2);
    stored.ciphertext_sha256 = "cc";
    stored.epoch = epoch;
    return stored;
  }

  static Model MakeModel() {
    Model model;
    model.set_name(kModel);
    model.add_documents("one");
    model.add_documents("two");
    model.set_state(Model::STATE_TRAINING);
    *model.mutable_create_time() = ToProto(kNow);
    return model;
  }

  // An insert that fails ends its transaction.
  std::string ReasonOf(const std::function<absl::Status(storage::Transaction&)>& work) {
    return ErrorReason(database_->Write(work));
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(StoresTest, Accounts) {
  Account account;
  account.name = kAccount;
  account.subscription = "subscriptions/s";
  account.key_source = encryption::v1::KEY_SOURCE_CUSTOMER_MANAGED;
  account.denial = {encryption::v1::CAUSE_KEY_DISABLED, kNow, "key_vault/3"};
  account.epoch = 2;
  Write([&](storage::Transaction& tx) {
    EXPECT_FALSE((*FindAccount(tx, kAccount)).has_value());
    EXPECT_TRUE(*AddAccount(tx, account));
    account.region = "elsewhere";
    EXPECT_FALSE(*AddAccount(tx, account));
    EXPECT_EQ((*FindAccount(tx, kAccount))->region, "");
    EXPECT_TRUE(PutAccount(tx, account).ok());
    std::vector<Account> all = *AllAccounts(tx);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].region, "elsewhere");
    EXPECT_EQ(all[0].denial.since, kNow);
    EXPECT_EQ(all[0].denial.event, "key_vault/3");
    EXPECT_EQ(ToAccess(all[0]).cause(), encryption::v1::CAUSE_KEY_DISABLED);
  });
}

TEST_P(StoresTest, WorkspacesAndProjects) {
  Write([](storage::Transaction& tx) {
    EXPECT_EQ(GetWorkspace(tx, kWorkspace)->display_name(), "Main");
    EXPECT_EQ(ErrorReason(GetWorkspace(tx, "x").status()), "WORKSPACE_NOT_FOUND");
    EXPECT_EQ(ListWorkspaces(tx, kAccount, storage::Page())->size(), 1u);
    EXPECT_EQ(GetProject(tx, kProject)->target_language(), "spa");
    EXPECT_EQ(ErrorReason(GetProject(tx, "x").status()), "PROJECT_NOT_FOUND");
    EXPECT_EQ(ListProjects(tx, kWorkspace, storage::Page())->size(), 1u);
  });
  EXPECT_EQ(ReasonOf([](storage::Transaction& tx) {
              deployment::v1::Workspace workspace;
              workspace.set_name(kWorkspace);
              return InsertWorkspace(tx, kAccount, workspace);
            }),
            "WORKSPACE_EXISTS");
  EXPECT_EQ(ReasonOf([](storage::Transaction& tx) {
              deployment::v1::Project project;
              project.set_name(kProject);
              return InsertProject(tx, kWorkspace, project);
            }),
            "PROJECT_EXISTS");
}

TEST_P(StoresTest, Documents) {
  Write([](storage::Transaction& tx) {
    for (const char* id : {"aaa", "bbb", "ccc"}) {
      ASSERT_TRUE(InsertDocument(tx, MakeDocument(id)).ok());
    }
    StoredDocument found = *GetDocument(tx, absl::StrCat(kWorkspace, "/documents/aaa"));
    EXPECT_EQ(found.blob, "blob-aaa-0");
    EXPECT_EQ(found.document.pair_count(), 2);
    storage::Page page;
    page.size = 1;
    page.after = absl::StrCat(kWorkspace, "/documents/aaa");
    EXPECT_EQ(ListDocuments(tx, kWorkspace, page)->size(), 2u);
    EXPECT_EQ(UsageOfDocuments(tx, kAccount)->bytes, 30);
    EXPECT_EQ(*DeleteDocument(tx, absl::StrCat(kWorkspace, "/documents/ccc")), "blob-ccc-0");
    EXPECT_THAT(*Garbage(tx, 10), ElementsAre("blob-ccc-0"));
    EXPECT_TRUE(*BlobIsKnown(tx, "blob-ccc-0"));
    EXPECT_TRUE(ForgetGarbage(tx, "blob-ccc-0").ok());
    EXPECT_FALSE(*BlobIsKnown(tx, "blob-ccc-0"));
    EXPECT_THAT(*BlobsInUse(tx, "", 10), ElementsAre("blob-aaa-0", "blob-bbb-0"));
    EXPECT_THAT(*BlobsInUse(tx, "blob-aaa-0", 10), ElementsAre("blob-bbb-0"));
  });
  EXPECT_EQ(ReasonOf([](storage::Transaction& tx) {
              StoredDocument again = MakeDocument("aaa");
              again.blob = "other";
              return InsertDocument(tx, again);
            }),
            "DOCUMENT_EXISTS");
}

TEST_P(StoresTest, ALossCondemnsWhatItsEpochReachesAndFreesTheNames) {
  Write([](storage::Transaction& tx) {
    ASSERT_TRUE(InsertDocument(tx, MakeDocument("old", 0)).ok());
    ASSERT_TRUE(InsertDocument(tx, MakeDocument("new", 1)).ok());
    EXPECT_EQ(*CountDocumentsBefore(tx, kAccount, 1), 1);
    ASSERT_TRUE(CondemnDocuments(tx, kAccount, 1, "encryption/9", /*sealed=*/true).ok());
    EXPECT_EQ(UsageOfDocuments(tx, kAccount)->documents, 1);
    ASSERT_TRUE(UnsealDocuments(tx, kAccount).ok());
    EXPECT_EQ(UsageOfDocuments(tx, kAccount)->documents, 2);
    ASSERT_TRUE(CondemnDocuments(tx, kAccount, 1, "encryption/9", /*sealed=*/true).ok());
    EXPECT_TRUE(CondemnedDocuments(tx, "encryption/9", 5)->empty());
    ASSERT_TRUE(CondemnSealedDocuments(tx, kAccount, 1).ok());
    EXPECT_EQ(CondemnedDocuments(tx, "encryption/9", 5)->size(), 1u);
    ASSERT_TRUE(InsertDocument(tx, MakeDocument("old", 1)).ok());
    ASSERT_TRUE(EraseCondemnedDocument(tx, "blob-old-0").ok());
    EXPECT_TRUE(CondemnedDocuments(tx, "encryption/9", 5)->empty());
    EXPECT_EQ(UsageOfDocuments(tx, kAccount)->documents, 2);
  });
}

TEST_P(StoresTest, Models) {
  Write([](storage::Transaction& tx) {
    ASSERT_TRUE(InsertModel(tx, MakeModel()).ok());
    EXPECT_THAT(GetModel(tx, kModel)->model.documents(), ElementsAre("one", "two"));
    EXPECT_EQ(ErrorReason(GetModel(tx, "x").status()), "MODEL_NOT_FOUND");
    EXPECT_THAT(*ModelsInState(tx, Model::STATE_TRAINING), ElementsAre(kModel));
    StoredModel trained;
    trained.artifact = "artifact";
    trained.artifact_epoch = 1;
    trained.model.mutable_training()->set_bleu(31.5);
    EXPECT_TRUE(*FinishTraining(tx, kModel, trained, kNow));
    EXPECT_FALSE(*FinishTraining(tx, kModel, trained, kNow)) << "it is TRAINED already";
    EXPECT_EQ(ListModels(tx, kProject, storage::Page())->at(0).training().bleu(), 31.5);
    EXPECT_TRUE(*MoveModel(tx, kModel, {Model::STATE_TRAINED}, Model::STATE_DEPLOYED, "", kNow));
    EXPECT_FALSE(*MoveModel(tx, kModel, {Model::STATE_TRAINED}, Model::STATE_DEPLOYED, "", kNow));
    EXPECT_EQ(*CountDeployedModels(tx, kAccount), 1);
    ASSERT_TRUE(MarkDeployedAsDeploying(tx, kNow).ok());
    EXPECT_EQ(GetModel(tx, kModel)->model.state(), Model::STATE_DEPLOYING);
    ASSERT_TRUE(ApplyLossToModels(tx, {kAccount, encryption::v1::CAUSE_KEY_DELETED, "key_vault/3",
                                       "encryption/9", kNow})
                    .ok());
    Model lost = GetModel(tx, kModel)->model;
    EXPECT_EQ(lost.state(), Model::STATE_UNDEPLOYED);
    EXPECT_EQ(lost.undeploy_cause(), encryption::v1::CAUSE_KEY_DELETED);
    EXPECT_EQ(lost.state_event(), "key_vault/3");
    EXPECT_THAT(*ModelsUndeployedBy(tx, "encryption/9"), ElementsAre(kModel));
    EXPECT_TRUE(ApplyArtifactLoss(tx, kAccount, 0, "encryption/10", kNow)->empty());
    EXPECT_THAT(*ApplyArtifactLoss(tx, kAccount, 1, "encryption/10", kNow), ElementsAre(kModel));
    EXPECT_THAT(*Garbage(tx, 10), ElementsAre("artifact"));
  });
  EXPECT_EQ(ReasonOf([](storage::Transaction& tx) { return InsertModel(tx, MakeModel()); }),
            "MODEL_EXISTS");
}

TEST_P(StoresTest, Losses) {
  Write([](storage::Transaction& tx) {
    Loss loss;
    loss.access_event = "encryption/9";
    loss.account = kAccount;
    loss.epoch = 1;
    loss.cause = encryption::v1::CAUSE_VAULT_DELETED;
    loss.loss_event = "key_vault/3";
    loss.loss_time = kNow;
    loss.gate_closed_time = kNow;
    loss.state = Loss::State::kSealed;
    EXPECT_TRUE(*AddLoss(tx, loss));
    EXPECT_FALSE(*AddLoss(tx, loss));
    EXPECT_TRUE(UnfinishedLosses(tx)->empty());
    ASSERT_TRUE(ReleaseSealedLosses(tx, kAccount, 0, kNow).ok());
    EXPECT_TRUE(UnfinishedLosses(tx)->empty()) << "its epoch is beyond that";
    ASSERT_TRUE(ReleaseSealedLosses(tx, kAccount, 1, kNow).ok());
    ASSERT_EQ(UnfinishedLosses(tx)->size(), 1u);
    ASSERT_TRUE(ConfirmScopeDestroyed(tx, "encryption/9", kNow + absl::Seconds(5)).ok());
    ASSERT_TRUE(CountDestroyed(tx, "encryption/9", 2, 20).ok());
    ASSERT_TRUE(CountDestroyed(tx, "encryption/9", 1, 10).ok());
    Loss found = **FindLoss(tx, "encryption/9");
    EXPECT_EQ(found.scope_destroyed_time, kNow) << "the event's word stands";
    EXPECT_TRUE(found.scope_confirmed);
    EXPECT_EQ(found.uploads_destroyed, 3);
    EXPECT_EQ(found.upload_bytes_destroyed, 30);
    ASSERT_TRUE(FinishLoss(tx, "encryption/9").ok());
    EXPECT_TRUE(UnfinishedLosses(tx)->empty());
    loss.access_event = "encryption/12";
    EXPECT_TRUE(*AddLoss(tx, loss));
    ASSERT_TRUE(RestoreSealedLosses(tx, kAccount).ok());
    EXPECT_EQ(UnfinishedLosses(tx)->at(0).state, Loss::State::kRestored);
    EXPECT_FALSE((*FindLoss(tx, "encryption/1")).has_value());
  });
}

TEST_P(StoresTest, ReceiptsNewestFirst) {
  Write([](storage::Transaction& tx) {
    for (int i = 0; i < 3; ++i) {
      Receipt receipt;
      receipt.set_name(absl::StrCat(kAccount, "/receipts/r-", i));
      receipt.set_kind(i == 2 ? Receipt::KIND_REVOCATION : Receipt::KIND_UPLOAD);
      receipt.set_jws("a.b.c");
      receipt.mutable_statement()->set_access_epoch(i);
      ASSERT_TRUE(AddReceipt(tx, receipt).ok());
      ASSERT_TRUE(AddReceipt(tx, receipt).ok()) << "again makes no second one";
    }
    EXPECT_EQ(GetReceipt(tx, absl::StrCat(kAccount, "/receipts/r-1"))->statement().access_epoch(),
              1);
    EXPECT_EQ(ErrorReason(GetReceipt(tx, "x").status()), "RECEIPT_NOT_FOUND");
    storage::Page page;
    auto all = *ListReceipts(tx, kAccount, Receipt::KIND_UNSPECIFIED, page);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].receipt.kind(), Receipt::KIND_REVOCATION);
    page.after = absl::StrCat(all[0].number);
    EXPECT_EQ(ListReceipts(tx, kAccount, Receipt::KIND_UNSPECIFIED, page)->size(), 2u);
    EXPECT_EQ(ListReceipts(tx, kAccount, Receipt::KIND_REVOCATION, storage::Page())->size(), 1u);
    ASSERT_TRUE(InsertReceiptKey(tx, {"k", "pem", std::string("\0\xFF", 2)}, kNow).ok());
    EXPECT_EQ(AllReceiptKeys(tx)->at(0).sealed, std::string("\0\xFF", 2));
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, StoresTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::model_deployment
