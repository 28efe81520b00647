#include "services/key_vault/key_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/testing/temporary_folder.h"

namespace keyward::key_vault {
namespace {

constexpr auto kType = keyvault::v1::KEY_TYPE_EC_P256;

class KeyRingTest : public ::testing::Test {
 protected:
  std::unique_ptr<crypto::FileRootKey> RootKey(const std::string& name) {
    return *crypto::FileRootKey::LoadOrCreate(folder_.File(name));
  }

  static KeyVersionName Version(const std::string& key) {
    return KeyVersionName::New(*KeyName::Parse(absl::StrCat("vaults/contoso/keys/", key)));
  }

  // Seals a new key as that of `version` and makes it ready.
  std::shared_ptr<const KeyMaterial> Add(KeyRing& ring, const KeyVersionName& version) {
    return *ring.Open(version, kType, *ring.Seal(version, *KeyMaterial::Generate(kType)));
  }

  testing::TemporaryFolder folder_;
  const std::unique_ptr<crypto::FileRootKey> root_key_ = RootKey("root");
};

TEST_F(KeyRingTest, OpensWhatItSealed) {
  KeyRing ring(*root_key_, 10);
  const KeyMaterial key = *KeyMaterial::Generate(kType);
  const KeyVersionName version = Version("a");
  const std::string sealed = *ring.Seal(version, key);
  EXPECT_EQ(ring.Find(version), nullptr);
  const auto opened = ring.Open(version, kType, sealed);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->PublicKeyPem(), key.PublicKeyPem());
  EXPECT_EQ(ring.Find(version), *opened);
}

TEST_F(KeyRingTest, RefusesWhatWasTamperedWithOrMoved) {
  KeyRing ring(*root_key_, 10);
  const KeyVersionName version = Version("a");
  std::string sealed = *ring.Seal(version, *KeyMaterial::Generate(kType));
  EXPECT_EQ(ring.Open(Version("a"), kType, sealed).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ring.Open(version, keyvault::v1::KEY_TYPE_EC_P384, sealed).status().code(),
            absl::StatusCode::kInternal);
  const std::unique_ptr<crypto::FileRootKey> other = RootKey("other");
  EXPECT_FALSE(KeyRing(*other, 10).Open(version, kType, sealed).ok());
  sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
  EXPECT_EQ(ring.Open(version, kType, sealed).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ring.size(), 0u);
}

TEST_F(KeyRingTest, ForgetsTheKeyUsedLongestAgo) {
  KeyRing ring(*root_key_, 2);
  const KeyVersionName a = Version("a");
  const KeyVersionName b = Version("b");
  const KeyVersionName c = Version("c");
  Add(ring, a);
  Add(ring, b);
  EXPECT_NE(ring.Find(a), nullptr);
  Add(ring, c);
  EXPECT_EQ(ring.size(), 2u);
  EXPECT_NE(ring.Find(a), nullptr);
  EXPECT_EQ(ring.Find(b), nullptr);
  EXPECT_NE(ring.Find(c), nullptr);
}

TEST_F(KeyRingTest, ForgetsWhatIsTakenAwayAndNothingElse) {
  KeyRing ring(*root_key_, 10);
  const KeyVersionName a = Version("a");
  const KeyVersionName newer_a = Version("a");
  const KeyVersionName ab = Version("ab");
  for (const KeyVersionName& version : {a, newer_a, ab}) Add(ring, version);
  ring.Forget(a);
  EXPECT_EQ(ring.Find(a), nullptr);
  EXPECT_NE(ring.Find(newer_a), nullptr);
  ring.ForgetAllOf("vaults/contoso/keys/a");
  EXPECT_EQ(ring.Find(newer_a), nullptr);
  EXPECT_NE(ring.Find(ab), nullptr);
  ring.ForgetAllOf("vaults/contoso");
  EXPECT_EQ(ring.size(), 0u);
}

TEST_F(KeyRingTest, AKeyInUseOutlivesItsPlace) {
  KeyRing ring(*root_key_, 10);
  const KeyVersionName version = Version("a");
  const std::shared_ptr<const KeyMaterial> key = Add(ring, version);
  ring.Forget(version);
  EXPECT_FALSE(key->PublicKeyPem().empty());
}

}  // namespace
}  // namespace keyward::key_vault
