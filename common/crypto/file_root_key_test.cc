#include "common/crypto/file_root_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {
namespace {

namespace fs = std::filesystem;

class FileRootKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/root_key_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ / "root.key";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Content() const {
    std::ifstream file(path_);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  void Write(const std::string& content, mode_t mode = 0600) const {
    std::ofstream(path_) << content;
    chmod(path_.c_str(), mode);
  }

  fs::path folder_;
  fs::path path_;
};

TEST_F(FileRootKeyTest, MakesAPrivateFileOnce) {
  ASSERT_TRUE(FileRootKey::LoadOrCreate(path_).ok());
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  const std::string content = Content();
  EXPECT_TRUE(absl::StartsWith(content, "keyward-root-key-v1 "));
  EXPECT_EQ(content.size(), 20u + 64 + 1);
  ASSERT_TRUE(FileRootKey::LoadOrCreate(path_).ok());
  EXPECT_EQ(Content(), content) << "an existing key is never replaced";
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "nothing else is left";
}

TEST_F(FileRootKeyTest, UnsealsAfterARestart) {
  const SecretBytes secret = SecretBytes::Random(100);
  const auto before = FileRootKey::LoadOrCreate(path_);
  ASSERT_TRUE(before.ok());
  const auto sealed = (*before)->Seal(secret, "context");
  ASSERT_TRUE(sealed.ok());
  EXPECT_FALSE(absl::StrContains(*sealed, secret.ExposeSecret()));
  const auto after = FileRootKey::Load(path_);
  ASSERT_TRUE(after.ok());
  const auto unsealed = (*after)->Unseal(*sealed, "context");
  ASSERT_TRUE(unsealed.ok());
  EXPECT_EQ(*unsealed, secret);
}

TEST_F(FileRootKeyTest, AnotherContextOrAFlippedBitIsRefused) {
  const auto key = FileRootKey::LoadOrCreate(path_);
  ASSERT_TRUE(key.ok());
  const std::string sealed = *(*key)->Seal(SecretBytes::CopyOf("secret"), "context");
  EXPECT_TRUE(absl::IsInvalidArgument((*key)->Unseal(sealed, "contexT").status()));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string flipped = sealed;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE((*key)->Unseal(flipped, "context").ok()) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE((*key)->Unseal(sealed.substr(0, size), "context").ok()) << size;
  }
}

TEST_F(FileRootKeyTest, NamesTheWrongRootKey) {
  const auto key = FileRootKey::LoadOrCreate(path_);
  const auto other = FileRootKey::LoadOrCreate(folder_ / "other.key");
  ASSERT_TRUE(key.ok() && other.ok());
  const std::string sealed = *(*key)->Seal(SecretBytes::CopyOf("secret"), "context");
  const absl::Status status = (*other)->Unseal(sealed, "context").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "another root key"));
}

TEST_F(FileRootKeyTest, LoadDoesNotMakeTheFile) {
  EXPECT_TRUE(absl::IsNotFound(FileRootKey::Load(path_).status()));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(FileRootKeyTest, RefusesAFileThatOthersMayAccess) {
  ASSERT_TRUE(FileRootKey::LoadOrCreate(path_).ok());
  for (mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601, 0644}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const absl::Status status = FileRootKey::LoadOrCreate(path_).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << mode;
    EXPECT_TRUE(absl::StrContains(status.message(), "0600")) << status;
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_TRUE(FileRootKey::LoadOrCreate(path_).ok()) << "a read-only secret mount";
}

TEST_F(FileRootKeyTest, RefusesWhatIsNoRootKey) {
  const std::string digits(64, 'a');
  const std::string prefix = "keyward-root-key-v1 ";
  for (const std::string& content :
       {std::string(), digits, prefix, prefix + digits.substr(1), prefix + digits + "a",
        prefix + std::string(64, 'A'), prefix + std::string(63, 'a') + "g",
        prefix + digits + "\n\n", "keyward-root-key-v2 " + digits + "\n",
        " " + prefix + digits + "\n", std::string(100'000, 'x')}) {
    Write(content);
    const absl::Status status = FileRootKey::LoadOrCreate(path_).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << content.substr(0, 100);
    EXPECT_FALSE(absl::StrContains(status.message(), "aaaa")) << "shows no key material";
    EXPECT_EQ(Content(), content) << "and leaves the file as it was";
  }
  Write(prefix + digits);
  EXPECT_TRUE(FileRootKey::Load(path_).ok()) << "the line end may be missing";
}

TEST_F(FileRootKeyTest, RefusesWhatIsNoRegularFile) {
  EXPECT_TRUE(absl::IsFailedPrecondition(FileRootKey::LoadOrCreate(folder_).status()));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(FileRootKey::LoadOrCreate(path_).status()));
}

TEST_F(FileRootKeyTest, SaysWhyItCouldNotMakeTheFile) {
  const absl::Status status = FileRootKey::LoadOrCreate(folder_ / "missing" / "root.key").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "No such file")) << status;
}

TEST_F(FileRootKeyTest, ManyMakersEndWithOneKey) {
  constexpr int kMakers = 16;
  std::vector<std::unique_ptr<FileRootKey>> keys(kMakers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kMakers; ++i) {
    threads.emplace_back([this, &keys, i] {
      auto key = FileRootKey::LoadOrCreate(path_);
      if (key.ok()) keys[i] = *std::move(key);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_NE(keys[0], nullptr);
  const std::string sealed = *keys[0]->Seal(SecretBytes::CopyOf("secret"), "");
  for (const auto& key : keys) {
    ASSERT_NE(key, nullptr);
    EXPECT_TRUE(key->Unseal(sealed, "").ok());
  }
}

}  // namespace
}  // namespace keyward::crypto
