#include "common/server/root_key_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::server {
namespace {

using ::testing::HasSubstr;

class RootKeyStoreTest : public ::testing::Test {
 protected:
  RootKeyStoreTest() {
    auto database = storage::Database::Open(temporary_->url(), schemas_);
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    std::string pattern = ::testing::TempDir() + "/root_keys_XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~RootKeyStoreTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return folder_ + "/" + name; }
  bool IsThere(const std::string& name) const { return access(File(name).c_str(), F_OK) == 0; }

  absl::StatusOr<std::unique_ptr<crypto::RootKeySet>> Open(
      const std::string& primary, const std::vector<std::string>& previous = {}) {
    std::vector<std::unique_ptr<crypto::RootKeyProvider>> places;
    for (const std::string& name : previous) {
      places.push_back(std::make_unique<crypto::FileRootKeyProvider>(File(name)));
    }
    return OpenRootKeys(crypto::FileRootKeyProvider(File(primary)), places, *database_);
  }

  RootKeyIds Ids() {
    RootKeyIds ids;
    EXPECT_TRUE(database_
                    ->Read([&](storage::Transaction& tx) {
                      auto read = ReadRootKeyIds(tx);
                      if (read.ok()) ids = *read;
                      return read.status();
                    })
                    .ok());
    return ids;
  }

  void Settle(const std::string& id) {
    EXPECT_TRUE(
        database_->Write([&](storage::Transaction& tx) { return SettleRootKey(tx, id); }).ok());
  }

  const std::vector<storage::Schema> schemas_ = {RootKeySchema()};
  const std::unique_ptr<storage::testing::TemporaryDatabase> temporary_ =
      storage::testing::TemporaryDatabase::Sqlite();
  std::unique_ptr<storage::Database> database_;
  std::string folder_;
};

TEST_F(RootKeyStoreTest, NewDatabaseGetsAPrivateFile) {
  auto first = Open("root");
  ASSERT_TRUE(first.ok()) << first.status();
  struct stat file;
  ASSERT_EQ(stat(File("root").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600u);
  auto sealed = (*first)->Seal(crypto::SecretBytes::Random(32), "test");
  ASSERT_TRUE(sealed.ok());
  auto again = Open("root");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE((*again)->Unseal(*sealed, "test").ok());
  EXPECT_EQ(Ids().settled, (*first)->id());
  EXPECT_EQ(Ids().next, "");
}

TEST_F(RootKeyStoreTest, LostFileIsNotReplacedByANewOne) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_EQ(unlink(File("root").c_str()), 0);
  const absl::Status status = Open("root").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("Put back the key"));
  EXPECT_FALSE(IsThere("root"));
}

TEST_F(RootKeyStoreTest, AnotherKeyIsRefused) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_TRUE(crypto::FileRootKey::LoadOrCreate(File("other")).ok());
  const absl::Status status = Open("other").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another root key"));
}

TEST_F(RootKeyStoreTest, FileThatOthersCanReadIsRefused) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_EQ(chmod(File("root").c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("root").status()));
}

TEST_F(RootKeyStoreTest, NextKeyIsMadeOnceAndBecomesTheDatabasesAtTheEnd) {
  const std::string old = (*Open("root"))->id();
  const auto keys = Open("new", {"root"});
  ASSERT_TRUE(keys.ok()) << keys.status();
  const std::string next = (*keys)->id();
  EXPECT_EQ(Ids().settled, old);
  EXPECT_EQ(Ids().next, next);
  EXPECT_EQ((*Open("new", {"root"}))->id(), next);
  Settle(old);
  EXPECT_EQ(Ids().settled, old) << "not the one that is next";
  Settle(next);
  EXPECT_EQ(Ids().settled, next);
  EXPECT_EQ(Ids().next, "");
  EXPECT_TRUE(Open("new").ok());
  EXPECT_FALSE(Open("root").ok());
}

TEST_F(RootKeyStoreTest, BothKeysAreNeededUntilTheEnd) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_TRUE(Open("new", {"root"}).ok());
  for (const std::string alone : {"root", "new"}) {
    const absl::Status status = Open(alone).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << alone << status;
  }
  ASSERT_EQ(unlink(File("new").c_str()), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("new", {"root"}).status()));
  EXPECT_FALSE(IsThere("new")) << "what the lost key sealed is not forgotten";
}

TEST_F(RootKeyStoreTest, NoKeyIsMadeBesideAWrongPreviousOne) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_TRUE(crypto::FileRootKey::LoadOrCreate(File("other")).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("new", {"other"}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("new", {"missing"}).status()));
  EXPECT_FALSE(IsThere("new"));
  EXPECT_FALSE(IsThere("missing"));
}

TEST_F(RootKeyStoreTest, ChangeCanBeTurnedBackOrElsewhere) {
  const std::string old = (*Open("root"))->id();
  ASSERT_TRUE(Open("new", {"root"}).ok());
  ASSERT_TRUE(Open("root", {"new"}).ok());
  EXPECT_EQ(Ids().next, old);
  const auto third = Open("third", {"root", "new"});
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(Ids().next, (*third)->id());
}

TEST_F(RootKeyStoreTest, ReplicasMayKnowTheNextKeyBeforeItIs) {
  ASSERT_TRUE(Open("root").ok());
  ASSERT_TRUE(crypto::FileRootKey::LoadOrCreate(File("new")).ok());
  ASSERT_TRUE(Open("root", {"new"}).ok());
  EXPECT_EQ(Ids().next, "");
}

}  // namespace
}  // namespace keyward::server
