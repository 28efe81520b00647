#include "services/encryption/names.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"

namespace keyward::encryption {
namespace {

constexpr char kVersion[] = "vaults/v-1/keys/Key-1/versions/0123456789abcdef0123456789abcdef";

TEST(AccountNameTest, ParsesAndPrints) {
  const auto name = AccountName::Parse("accounts/con-toso1", "name");
  ASSERT_TRUE(name.ok());
  EXPECT_EQ(name->id(), "con-toso1");
  EXPECT_EQ(name->ToString(), "accounts/con-toso1");
  EXPECT_EQ(name->Identity(), "identities/con-toso1");
  EXPECT_EQ(*AccountName::FromId("con-toso1", "account_id"), *name);
}

TEST(AccountNameTest, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "accounts", "accounts/", "accounts/ab", "accounts/1abc", "accounts/Abc", "accounts/a_b",
        "accounts/abc/", "account/abc", "accounts/abc/x", "/accounts/abc", "accounts/abc ", "*"}) {
    const auto name = AccountName::Parse(bad, "name");
    EXPECT_EQ(ErrorReason(name.status()), "INVALID_REQUEST") << bad;
  }
  EXPECT_FALSE(AccountName::FromId(std::string(64, 'a'), "account_id").ok());
  EXPECT_TRUE(AccountName::FromId(std::string(63, 'a'), "account_id").ok());
}

TEST(CustomerKeyNameTest, FollowsTheNewestOrStaysAtOne) {
  const auto newest = CustomerKeyName::Parse("vaults/v-1/keys/Key-1", "key");
  ASSERT_TRUE(newest.ok());
  EXPECT_TRUE(newest->follows_newest());
  EXPECT_EQ(newest->vault(), "vaults/v-1");
  EXPECT_EQ(newest->key(), "vaults/v-1/keys/Key-1");
  EXPECT_EQ(newest->ToString(), "vaults/v-1/keys/Key-1");
  const auto pinned = CustomerKeyName::Parse(kVersion, "key");
  ASSERT_TRUE(pinned.ok());
  EXPECT_FALSE(pinned->follows_newest());
  EXPECT_EQ(pinned->key(), "vaults/v-1/keys/Key-1");
  EXPECT_EQ(pinned->version(), kVersion);
  EXPECT_EQ(pinned->ToString(), kVersion);
}

TEST(CustomerKeyNameTest, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "vaults/v", "vaults//keys/k", "vaults/v/keys/", "vaults/v/keys/k/versions/",
        "vaults/v/keys/k/versions/0123", "vaults/v/keys/k/version/0123456789abcdef0123456789abcdef",
        "vaults/v/keys/k/versions/0123456789ABCDEF0123456789abcdef", "vaults/v.x/keys/k"}) {
    EXPECT_EQ(ErrorReason(CustomerKeyName::Parse(bad, "key").status()), "INVALID_REQUEST") << bad;
  }
}

TEST(RevocableNameTest, KnowsEveryKind) {
  using Kind = RevocableName::Kind;
  const std::pair<const char*, Kind> kCases[] = {
      {"accounts/abc", Kind::kAccount},
      {"identities/abc", Kind::kIdentity},
      {"subscriptions/abc", Kind::kSubscription},
      {"vaults/v", Kind::kVault},
      {"vaults/v/keys/k", Kind::kKey},
      {kVersion, Kind::kKeyVersion},
  };
  for (const auto& [name, kind] : kCases) {
    const auto parsed = RevocableName::Parse(name, "resource");
    ASSERT_TRUE(parsed.ok()) << name;
    EXPECT_EQ(parsed->kind, kind) << name;
    EXPECT_EQ(parsed->name, name);
  }
  for (const char* bad : {"", "/", "tenants/abc", "vaults", "vaults/v/keys"}) {
    EXPECT_FALSE(RevocableName::Parse(bad, "resource").ok()) << bad;
  }
}

}  // namespace
}  // namespace keyward::encryption
