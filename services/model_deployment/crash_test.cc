// A process that uploads, or destroys, is killed at each fault point; afterwards the database and
// the blob folder agree, and destruction ends with exactly the receipts that are due.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/crypto/file_root_key.h"
#include "common/server/testing/test_authority.h"
#include "common/storage/database.h"
#include "common/storage/fault_point.h"
#include "services/model_deployment/access_gate.h"
#include "services/model_deployment/destroyer.h"
#include "services/model_deployment/document_handler.h"
#include "services/model_deployment/document_store.h"
#include "services/model_deployment/folder_blob_store.h"
#include "services/model_deployment/loss_store.h"
#include "services/model_deployment/object_vault.h"
#include "services/model_deployment/receipt_signer.h"
#include "services/model_deployment/receipt_store.h"
#include "services/model_deployment/schema.h"
#include "services/model_deployment/testing/fake_encryption_client.h"
#include "services/model_deployment/timestamps.h"
#include "services/model_deployment/usage_reporter.h"
#include "services/model_deployment/workspace_store.h"

namespace keyward::model_deployment {
namespace {

using deployment::v1::Receipt;
using testing::FakeEncryptionClient;

constexpr char kFolderVariable[] = "KEYWARD_CRASH_TEST_FOLDER";
constexpr char kTaskVariable[] = "KEYWARD_CRASH_TEST_TASK";
constexpr char kAccount[] = "accounts/contoso";
constexpr char kWorkspace[] = "accounts/contoso/workspaces/main";
// More than two batches.
constexpr int kUploads = 520;

template <typename T>
T Get(absl::StatusOr<T> value) {
  if (!value.ok()) {
    fprintf(stderr, "%s\n", value.status().ToString().c_str());
    abort();
  }
  return *std::move(value);
}

void Check(const absl::Status& status) { Get(status.ok() ? absl::StatusOr<int>(0) : status); }

// The parts of the service that both tasks need, over one folder.
struct Parts {
  explicit Parts(const std::string& folder)
      : database(Get(storage::Database::Open(absl::StrCat("sqlite:", folder, "/db"),
                                             {ModelDeploymentSchema()}))),
        blobs(Get(FolderBlobStore::OpenFolder(folder + "/blobs"))),
        root_key(Get(crypto::FileRootKey::LoadOrCreate(folder + "/root.key"))),
        signer(Get(ReceiptSigner::Open(*database, *root_key, absl::Now()))) {}

  std::unique_ptr<storage::Database> database;
  std::unique_ptr<FolderBlobStore> blobs;
  std::unique_ptr<crypto::FileRootKey> root_key;
  std::unique_ptr<ReceiptSigner> signer;
  FakeEncryptionClient::State state;
  FakeEncryptionClient encryption{state};
};

Account TestAccount() {
  Account account;
  account.name = kAccount;
  account.key_source = encryption::v1::KEY_SOURCE_CUSTOMER_MANAGED;
  return account;
}

void UploadOnce(const std::string& folder) {
  Parts parts(folder);
  parts.state.AddAccount(TestAccount());
  AccessGates gates([](encryption::v1::KeySource) { return true; });
  gates.Set(TestAccount());
  ObjectVault vault(*parts.blobs, parts.encryption);
  UsageReporter usage(*parts.database, parts.encryption, clock::RealClock());
  DocumentHandler documents(*parts.database, gates, vault, *parts.blobs, usage, clock::RealClock(),
                            DocumentHandler::Options());
  deployment::v1::UploadDocumentRequest::Start start;
  start.set_parent(kWorkspace);
  start.set_document_id("lesson");
  start.mutable_document()->set_type(deployment::v1::DOCUMENT_TYPE_TRAINING);
  start.mutable_document()->set_format(deployment::v1::DOCUMENT_FORMAT_TSV);
  start.mutable_document()->set_source_language("eng");
  start.mutable_document()->set_target_language("spa");
  std::string bytes = "cat\tgato\ndog\tperro\n";
  start.set_size_bytes(static_cast<int64_t>(bytes.size()));
  bool sent = false;
  auto next = [&]() -> absl::StatusOr<std::optional<std::string>> {
    if (std::exchange(sent, true)) return std::nullopt;
    return bytes;
  };
  Check(documents.Upload(server::CallContext(), start, next).status());
}

void DestroyOnce(const std::string& folder) {
  Parts parts(folder);
  Destroyer destroyer(*parts.database, *parts.blobs, parts.encryption, *parts.signer,
                      clock::RealClock());
  Check(destroyer.RunOnce());
}

// Runs this program again for a task; returns its exit code.
int RunChild(const std::string& folder, const std::string& task, const std::string& fault_point) {
  setenv(kFolderVariable, folder.c_str(), 1);
  setenv(kTaskVariable, task.c_str(), 1);
  setenv(storage::kFaultPointVariable, fault_point.c_str(), 1);
  int status = system("exec /proc/$PPID/exe");
  unsetenv(kFolderVariable);
  unsetenv(kTaskVariable);
  unsetenv(storage::kFaultPointVariable);
  return WEXITSTATUS(status);
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

void MakeWorkspace(Parts& parts) {
  Check(parts.database->Write([&](storage::Transaction& tx) -> absl::Status {
    Check(PutAccount(tx, TestAccount()));
    deployment::v1::Workspace workspace;
    workspace.set_name(kWorkspace);
    *workspace.mutable_create_time() = ToProto(absl::Now());
    return InsertWorkspace(tx, kAccount, workspace);
  }));
}

TEST(CrashTest, AnUploadIsThereWholeOrLeavesNothing) {
  struct Case {
    const char* point;
    bool is_there;
  };
  for (const Case& c : {Case{"blob.before_sync", false}, Case{"blob.before_rename", false},
                        Case{"blob.after_rename", false}, Case{"upload.before_commit", false},
                        Case{"storage.before_commit", false}, Case{"storage.after_commit", true},
                        Case{"upload.after_commit", true}}) {
    SCOPED_TRACE(c.point);
    server::testing::TestFolder folder;
    {
      Parts parts(folder.path());
      MakeWorkspace(parts);
    }
    std::string point = c.point;
    // The first transactions of the child open the database and the receipt key.
    if (point == "storage.before_commit") point += ":2";
    if (point == "storage.after_commit") point += ":2";
    ASSERT_EQ(RunChild(folder.path(), "upload", point), 137);
    Parts parts(folder.path());
    Check(parts.blobs->Sweep([&](const std::string& blob) {
      absl::StatusOr<bool> known;
      Check(parts.database->Read([&](storage::Transaction& tx) {
        known = BlobIsKnown(tx, blob);
        return known.status();
      }));
      return known;
    }));
    bool is_there = false;
    Check(parts.database->Read([&](storage::Transaction& tx) -> absl::Status {
      auto stored = GetDocument(tx, absl::StrCat(kWorkspace, "/documents/lesson"));
      is_there = stored.ok();
      if (is_there) {
        EXPECT_TRUE(*parts.blobs->Exists(stored->blob));
      }
      return absl::OkStatus();
    }));
    EXPECT_EQ(is_there, c.is_there);
    EXPECT_EQ(FilesIn(folder.path() + "/blobs").size(), c.is_there ? 1u : 0u);
  }
}

// Uploads that a loss has condemned; returns them.
std::vector<std::string> Condemn(Parts& parts) {
  std::vector<std::string> blobs;
  Check(parts.database->Write([&](storage::Transaction& tx) -> absl::Status {
    for (int i = 0; i < kUploads; ++i) {
      auto writer = Get(parts.blobs->Create());
      Check(writer->Publish());
      writer->Keep();
      blobs.push_back(writer->blob());
      StoredDocument stored;
      stored.blob = writer->blob();
      stored.document.set_name(absl::StrCat(kWorkspace, "/documents/d-", i));
      stored.document.set_size_bytes(10);
      stored.document.set_sha256("aa");
      stored.ciphertext_sha256 = "bb";
      Check(InsertDocument(tx, stored));
    }
    Loss loss;
    loss.access_event = "encryption/17";
    loss.account = kAccount;
    loss.epoch = 1;
    loss.cause = encryption::v1::CAUSE_KEY_DISABLED;
    loss.loss_event = "key_vault/3";
    Check(AddLoss(tx, loss).status());
    return CondemnDocuments(tx, kAccount, 1, loss.access_event, /*sealed=*/false);
  }));
  return blobs;
}

TEST(CrashTest, DestructionKilledAnywhereEndsWithExactlyTheReceiptsDue) {
  for (const char* point :
       {"destroyer.before_confirm", "destroyer.after_confirm", "destroyer.before_blobs",
        "destroyer.before_blobs:3", "destroyer.after_blobs", "destroyer.after_blobs:2",
        "destroyer.after_rows", "destroyer.after_rows:3", "destroyer.before_revocation",
        "destroyer.after_revocation", "storage.before_commit:3", "storage.after_commit:3",
        "storage.after_commit:5"}) {
    SCOPED_TRACE(point);
    server::testing::TestFolder folder;
    {
      Parts parts(folder.path());
      MakeWorkspace(parts);
      Condemn(parts);
    }
    ASSERT_EQ(RunChild(folder.path(), "destroy", point), 137);
    ASSERT_EQ(RunChild(folder.path(), "destroy", ""), 0);
    EXPECT_TRUE(FilesIn(folder.path() + "/blobs").empty());
    Parts parts(folder.path());
    int uploads = 0;
    std::vector<Receipt> revocations;
    Check(parts.database->Read([&](storage::Transaction& tx) -> absl::Status {
      EXPECT_TRUE(Get(CondemnedDocuments(tx, "encryption/17", 1)).empty());
      EXPECT_TRUE(Get(UnfinishedLosses(tx)).empty());
      storage::Page page;
      page.size = 10'000;
      for (auto& numbered : Get(ListReceipts(tx, kAccount, Receipt::KIND_UNSPECIFIED, page))) {
        if (numbered.receipt.kind() == Receipt::KIND_UPLOAD) {
          ++uploads;
        } else {
          revocations.push_back(numbered.receipt);
        }
      }
      return absl::OkStatus();
    }));
    EXPECT_EQ(uploads, kUploads);
    ASSERT_EQ(revocations.size(), 1u);
    EXPECT_EQ(revocations[0].statement().uploads_destroyed(), kUploads);
    EXPECT_EQ(revocations[0].statement().upload_bytes_destroyed(), 10 * kUploads);
  }
}

}  // namespace

int RunTask(const std::string& task, const std::string& folder) {
  if (task == "upload") UploadOnce(folder);
  if (task == "destroy") DestroyOnce(folder);
  return 0;
}

}  // namespace keyward::model_deployment

int main(int argc, char** argv) {
  if (const char* task = getenv(keyward::model_deployment::kTaskVariable)) {
    return keyward::model_deployment::RunTask(task,
                                              getenv(keyward::model_deployment::kFolderVariable));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
