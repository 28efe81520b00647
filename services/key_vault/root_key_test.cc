#include "services/key_vault/root_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

using ::testing::HasSubstr;
using testing::VaultEnv;

class RootKeyTest : public ::testing::Test {
 protected:
  server::testing::TestFolder folder_;
  const std::string path_ = absl::StrCat(folder_.path(), "/root.key");
  VaultEnv env_;
};

TEST_F(RootKeyTest, IsMadeAtTheFirstStartAndFoundAtTheNext) {
  const auto first = OpenRootKey(path_, *env_.database);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string sealed = *(*first)->Seal(crypto::SecretBytes::CopyOf("x"), "context");
  const auto second = OpenRootKey(path_, *env_.database);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE((*second)->Unseal(sealed, "context").ok());
}

TEST_F(RootKeyTest, ALostRootKeyIsNotReplacedSilently) {
  env_.CreateVault("contoso");
  env_.CreateKey("contoso", "k");
  const absl::Status status = OpenRootKey(path_, *env_.database).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Put back the file"));
  EXPECT_EQ(fopen(path_.c_str(), "r"), nullptr);
}

TEST_F(RootKeyTest, AnotherRootKeyIsRefused) {
  env_.CreateVault("contoso");
  env_.CreateKey("contoso", "k");
  ASSERT_TRUE(crypto::FileRootKey::LoadOrCreate(path_).ok());
  const absl::Status status = OpenRootKey(path_, *env_.database).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
}

TEST_F(RootKeyTest, NoFileNamedIsRefused) {
  EXPECT_THAT(std::string(OpenRootKey("", *env_.database).status().message()),
              HasSubstr("--root_key_file"));
}

}  // namespace
}  // namespace keyward::key_vault
