#include "services/key_vault/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace keyward::key_vault {
namespace {

const std::string kVersion = "0123456789abcdef0123456789abcdef";

TEST(VaultName, RoundTrips) {
  for (const char* id : {"abc", "Contoso-Vault-1", "a-1", "abcdefghijklmnopqrstuvwx"}) {
    auto name = VaultName::Parse(absl::StrCat("vaults/", id));
    ASSERT_TRUE(name.ok()) << id;
    EXPECT_EQ(name->id(), id);
    EXPECT_EQ(name->ToString(), absl::StrCat("vaults/", id));
  }
}

TEST(VaultName, RefusesMalformedNames) {
  for (const char* name :
       {"", "vaults", "vaults/", "vaults/ab", "vaults/1abc", "vaults/-abc", "vaults/abc-",
        "vaults/a--b", "vaults/a_b", "vaults/abcdefghijklmnopqrstuvwxy", "vault/abc", "vaults/abc/",
        "/vaults/abc", "vaults/abc/keys/k", "vaults/äbc", "vaults/a b", "vaults/%"}) {
    auto parsed = VaultName::Parse(name);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(parsed.status().message()), testing::HasSubstr("vaults/{vault}"));
  }
}

TEST(VaultName, ErrorOfAnIdTellsOfTheIdAlone) {
  EXPECT_THAT(std::string(VaultName::FromId("1").status().message()),
              testing::Not(testing::HasSubstr("vaults/")));
}

TEST(VaultName, FoldsCaseButKeepsIt) {
  EXPECT_EQ(VaultName::FromId("Contoso")->folded(), "contoso");
  EXPECT_NE(*VaultName::FromId("Contoso"), *VaultName::FromId("contoso"));
}

TEST(KeyName, RoundTrips) {
  const std::string longest(127, 'k');
  for (const std::string& id :
       {std::string("k"), std::string("-"), std::string("Key-1"), longest}) {
    const std::string name = absl::StrCat("vaults/abc/keys/", id);
    auto parsed = KeyName::Parse(name);
    ASSERT_TRUE(parsed.ok()) << id;
    EXPECT_EQ(parsed->ToString(), name);
    EXPECT_EQ(parsed->vault().id(), "abc");
  }
}

TEST(KeyName, RefusesMalformedNames) {
  for (const std::string& name :
       {std::string("vaults/abc/keys/"), std::string("vaults/abc/keys"),
        std::string("vaults/ab/keys/k"), std::string("vaults/abc/keys/k/"),
        std::string("vaults/abc/keys/k_1"), absl::StrCat("vaults/abc/keys/", std::string(128, 'k')),
        std::string("vaults/abc/secrets/k"), std::string("abc/k"), std::string()}) {
    EXPECT_EQ(KeyName::Parse(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(KeyVersionName, RoundTrips) {
  const std::string name = absl::StrCat("vaults/abc/keys/k/versions/", kVersion);
  auto parsed = KeyVersionName::Parse(name);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->ToString(), name);
  EXPECT_EQ(parsed->id(), kVersion);
  EXPECT_EQ(parsed->key().id(), "k");
}

TEST(KeyVersionName, RefusesMalformedNames) {
  for (const std::string& name :
       {std::string("vaults/abc/keys/k"), std::string("vaults/abc/keys/k/versions/"),
        std::string("vaults/abc/keys/k/versions/0123"),
        absl::StrCat("vaults/abc/keys/k/versions/", kVersion, "0"),
        std::string("vaults/abc/keys/k/versions/0123456789ABCDEF0123456789ABCDEF"),
        absl::StrCat("vaults/abc/keys/k/version/", kVersion)}) {
    EXPECT_EQ(KeyVersionName::Parse(name).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(KeyVersionName, NewNamesAreWellFormedAndDiffer) {
  const KeyName key = *KeyName::Parse("vaults/abc/keys/k");
  const KeyVersionName one = KeyVersionName::New(key);
  EXPECT_TRUE(KeyVersionName::Parse(one.ToString()).ok());
  EXPECT_NE(one, KeyVersionName::New(key));
}

TEST(KeyReference, NamesAKeyOrOneVersion) {
  auto key = KeyReference::Parse("vaults/abc/keys/k");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->version, "");
  EXPECT_EQ(key->ToString(), "vaults/abc/keys/k");
  const std::string name = absl::StrCat("vaults/abc/keys/k/versions/", kVersion);
  auto version = KeyReference::Parse(name);
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(version->version, kVersion);
  EXPECT_EQ(version->ToString(), name);
  EXPECT_FALSE(KeyReference::Parse("vaults/abc").ok());
  EXPECT_FALSE(KeyReference::Parse("vaults/abc/keys/k/versions/latest").ok());
}

TEST(RotationPolicyNameTest, IsThatOfAKeyAndASuffix) {
  const auto name = RotationPolicyName::Parse("vaults/abc/keys/k/rotationPolicy");
  ASSERT_TRUE(name.ok());
  EXPECT_EQ(name->key().ToString(), "vaults/abc/keys/k");
  EXPECT_EQ(name->ToString(), "vaults/abc/keys/k/rotationPolicy");
  for (const std::string& wrong :
       {std::string("vaults/abc/keys/k"), std::string("vaults/abc/rotationPolicy"),
        std::string("vaults/abc/keys/k/rotationPolicy/"),
        absl::StrCat("vaults/abc/keys/k/versions/", kVersion, "/rotationPolicy")}) {
    EXPECT_FALSE(RotationPolicyName::Parse(wrong).ok()) << wrong;
  }
}

TEST(VaultOf, FindsTheVaultOfEveryKindOfResource) {
  for (const std::string& name : {std::string("vaults/abc"), std::string("vaults/abc/keys/k"),
                                  std::string("vaults/abc/keys/k/rotationPolicy"),
                                  absl::StrCat("vaults/abc/keys/k/versions/", kVersion)}) {
    auto vault = VaultOf(name);
    ASSERT_TRUE(vault.ok()) << name;
    EXPECT_EQ(vault->id(), "abc");
  }
  for (const char* name : {"", "/", "subscriptions/s", "vaults/abc/keys/", "vaults/abc/secrets/s",
                           "vaults/abc/rotationPolicy", "vaults/abc/keys/rotationPolicy"}) {
    EXPECT_FALSE(VaultOf(name).ok()) << name;
  }
}

}  // namespace
}  // namespace keyward::key_vault
