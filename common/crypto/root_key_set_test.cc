#include "common/crypto/root_key_set.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {
namespace {

class RootKeySetTest : public testing::Test {
 protected:
  RootKeySetTest() {
    std::string pattern = testing::TempDir() + "/root_key_set_XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~RootKeySetTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<RootKey> Key(const std::string& name) const {
    return *FileRootKey::LoadOrCreate(folder_ + "/" + name);
  }

  RootKeySet Set(const std::string& primary, const std::vector<std::string>& previous) const {
    std::vector<std::unique_ptr<RootKey>> keys;
    for (const std::string& name : previous) keys.push_back(Key(name));
    return RootKeySet(Key(primary), std::move(keys));
  }

  std::string folder_;
  const SecretBytes secret_ = SecretBytes::CopyOf("secret");
};

TEST_F(RootKeySetTest, SealsWithThePrimary) {
  const RootKeySet set = Set("new", {"old"});
  const std::string sealed = *set.Seal(secret_, "context");
  EXPECT_EQ(*SealedBy(sealed), Key("new")->id());
  EXPECT_EQ(set.id(), Key("new")->id());
  EXPECT_EQ(*Key("new")->Unseal(sealed, "context"), secret_);
}

TEST_F(RootKeySetTest, UnsealsWhatAnyOfThemSealed) {
  const RootKeySet set = Set("new", {"old", "older"});
  for (const std::string name : {"new", "old", "older"}) {
    const auto unsealed = set.Unseal(*Key(name)->Seal(secret_, "context"), "context");
    ASSERT_TRUE(unsealed.ok()) << name << unsealed.status();
    EXPECT_EQ(*unsealed, secret_);
    EXPECT_TRUE(set.Has(Key(name)->id()));
  }
}

TEST_F(RootKeySetTest, NamesTheLackOfAKeyAndRefusesAnotherContext) {
  const RootKeySet set = Set("new", {"old"});
  const std::string foreign = *Key("foreign")->Seal(secret_, "context");
  EXPECT_TRUE(absl::IsFailedPrecondition(set.Unseal(foreign, "context").status()));
  EXPECT_FALSE(set.Has(Key("foreign")->id()));
  const std::string old = *Key("old")->Seal(secret_, "context");
  EXPECT_TRUE(absl::IsInvalidArgument(set.Unseal(old, "other").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(set.Unseal("short", "context").status()));
}

}  // namespace
}  // namespace keyward::crypto
