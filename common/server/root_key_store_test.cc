#include "common/server/root_key_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "common/crypto/secret_bytes.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::server {
namespace {

using ::testing::HasSubstr;

class RootKeyStoreTest : public ::testing::Test {
 protected:
  RootKeyStoreTest() {
    const std::vector<storage::Schema> schemas = {RootKeySchema()};
    auto database = storage::Database::Open(temporary_->url(), schemas);
    EXPECT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    unlink(path_.c_str());
  }

  const std::unique_ptr<storage::testing::TemporaryDatabase> temporary_ =
      storage::testing::TemporaryDatabase::Sqlite();
  std::unique_ptr<storage::Database> database_;
  const std::string path_ = ::testing::TempDir() + "/root.key";
};

TEST_F(RootKeyStoreTest, NewDatabaseGetsAPrivateFile) {
  auto first = OpenRootKey(path_, *database_);
  ASSERT_TRUE(first.ok()) << first.status();
  struct stat file;
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600u);
  auto sealed = (*first)->Seal(crypto::SecretBytes::Random(32), "test");
  ASSERT_TRUE(sealed.ok());
  auto again = OpenRootKey(path_, *database_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE((*again)->Unseal(*sealed, "test").ok());
}

TEST_F(RootKeyStoreTest, LostFileIsNotReplacedByANewOne) {
  ASSERT_TRUE(OpenRootKey(path_, *database_).ok());
  ASSERT_EQ(unlink(path_.c_str()), 0);
  const absl::Status status = OpenRootKey(path_, *database_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("Put back the file"));
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(RootKeyStoreTest, AnotherKeyIsRefused) {
  ASSERT_TRUE(OpenRootKey(path_, *database_).ok());
  const std::string other = ::testing::TempDir() + "/other.key";
  auto elsewhere = storage::testing::TemporaryDatabase::Sqlite();
  const std::vector<storage::Schema> schemas = {RootKeySchema()};
  auto database = storage::Database::Open(elsewhere->url(), schemas);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(OpenRootKey(other, **database).ok());
  const absl::Status status = OpenRootKey(other, *database_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

TEST_F(RootKeyStoreTest, FileThatOthersCanReadIsRefused) {
  ASSERT_TRUE(OpenRootKey(path_, *database_).ok());
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenRootKey(path_, *database_).status()));
}

}  // namespace
}  // namespace keyward::server
