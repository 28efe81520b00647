#include "services/model_deployment/folder_blob_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/server/testing/test_authority.h"

namespace keyward::model_deployment {
namespace {

class FolderBlobStoreTest : public ::testing::Test {
 protected:
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  server::testing::TestFolder folder_;
  std::unique_ptr<FolderBlobStore> store_ = *FolderBlobStore::OpenFolder(folder_.path() + "/blobs");
};

TEST_F(FolderBlobStoreTest, ABlobIsThereWholeOrNotAtAll) {
  auto writer = *store_->Create();
  std::string blob = writer->blob();
  ASSERT_TRUE(writer->Append("one ").ok());
  ASSERT_TRUE(writer->Append("two").ok());
  EXPECT_TRUE(absl::IsNotFound(store_->Open(blob).status()));
  EXPECT_FALSE(*store_->Exists(blob));
  ASSERT_TRUE(writer->Publish().ok());
  writer->Keep();
  writer = nullptr;
  EXPECT_TRUE(*store_->Exists(blob));
  auto reader = *store_->Open(blob);
  EXPECT_EQ(*reader->Read(5), "one t");
  EXPECT_EQ(*reader->Read(5), "wo");
  EXPECT_EQ(*reader->Read(5), "");
  ASSERT_EQ(Files().size(), 1u);
  struct stat status;
  ASSERT_EQ(stat(Files()[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_TRUE(store_->Remove({blob, blob, std::string(32, '0')}).ok());
  EXPECT_TRUE(Files().empty());
}

TEST_F(FolderBlobStoreTest, WhatIsNotKeptLeavesNothing) {
  {
    auto unfinished = *store_->Create();
    ASSERT_TRUE(unfinished->Append("x").ok());
    auto published = *store_->Create();
    ASSERT_TRUE(published->Publish().ok());
    EXPECT_EQ(Files().size(), 2u);
  }
  EXPECT_TRUE(Files().empty());
}

TEST_F(FolderBlobStoreTest, ASweepTakesOrphansAndNeverWhatIsAlive) {
  auto writing = *store_->Create();
  auto published = *store_->Create();
  ASSERT_TRUE(published->Publish().ok());
  std::string kept[2];
  for (std::string& blob : kept) {
    auto writer = *store_->Create();
    ASSERT_TRUE(writer->Publish().ok());
    writer->Keep();
    blob = writer->blob();
  }
  auto known = [&](const std::string& blob) -> absl::StatusOr<bool> { return blob == kept[0]; };
  ASSERT_TRUE(store_->Sweep(known).ok());
  EXPECT_TRUE(*store_->Exists(kept[0]));
  EXPECT_FALSE(*store_->Exists(kept[1])) << "no row knows it";
  EXPECT_TRUE(*store_->Exists(published->blob())) << "its row may be on its way";
  ASSERT_TRUE(writing->Append("still going").ok());
  ASSERT_TRUE(writing->Publish().ok()) << "the sweep took a live upload";

  // What a killed process leaves behind has no lock on it.
  std::filesystem::copy_file(
      absl::StrCat(folder_.path(), "/blobs/", kept[0].substr(0, 2), "/", kept[0]),
      absl::StrCat(folder_.path(), "/blobs/new/", std::string(32, 'a')));
  ASSERT_TRUE(store_->Sweep(known).ok());
  EXPECT_FALSE(
      std::filesystem::exists(absl::StrCat(folder_.path(), "/blobs/new/", std::string(32, 'a'))));

  absl::Status asked = store_->Sweep([](const std::string&) -> absl::StatusOr<bool> {
    return absl::UnavailableError("no database");
  });
  EXPECT_TRUE(absl::IsUnavailable(asked));
  EXPECT_TRUE(*store_->Exists(kept[0])) << "not knowing is no reason";
}

TEST_F(FolderBlobStoreTest, NamesCannotLeaveTheFolder) {
  for (const char* name : {"", "..", "../../etc/passwd", "abc"}) {
    EXPECT_TRUE(absl::IsNotFound(store_->Open(name).status()));
    EXPECT_FALSE(*store_->Exists(name));
    EXPECT_TRUE(store_->Remove({name}).ok());
  }
}

}  // namespace
}  // namespace keyward::model_deployment
