// What depends on key versions, on every engine.

#include "services/key_vault/key_usage_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/schema.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class KeyUsageStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "sqlite") {
      temporary_ = TemporaryDatabase::Sqlite();
    } else {
      auto made = TemporaryDatabase::Postgresql();
      if (!made.ok()) GTEST_SKIP() << made.status().message();
      temporary_ = *std::move(made);
    }
    auto database = storage::Database::Open(temporary_->url(), {KeyVaultSchema()});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    Write([&](storage::Transaction& tx) {
      for (const char* vault : {"contoso", "fabrikam"}) {
        const Vault made{.name = *VaultName::FromId(vault),
                         .subscription = "subscriptions/main",
                         .tenant = "tenants/test",
                         .region = "westeurope"};
        ASSERT_TRUE(VaultStore(tx).Insert(made).ok());
        for (const char* key : {"a", "b"}) InsertKey(tx, vault, key);
      }
    });
  }

  template <typename Work>
  void Write(Work work) {
    const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
      work(tx);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  // "vaults/{vault}/keys/{key}" with versions 1 and 2.
  static void InsertKey(storage::Transaction& tx, const std::string& vault, const std::string& id) {
    const KeyName name = *KeyName::FromId(*VaultName::FromId(vault), id);
    KeyStore keys(tx);
    ASSERT_TRUE(keys.Insert({.name = name,
                             .type = keyvault::v1::KEY_TYPE_EC_P256,
                             .newest_version = VersionOf(vault, id, 2).id()})
                    .ok());
    for (int number : {1, 2}) {
      ASSERT_TRUE(
          keys.InsertVersion(
                  {.name = VersionOf(vault, id, number), .number = number, .public_key_pem = "PEM"},
                  "sealed")
              .ok());
    }
  }

  static KeyVersionName VersionOf(const std::string& vault, const std::string& key, int number) {
    return *KeyVersionName::Parse(
        absl::StrCat("vaults/", vault, "/keys/", key, "/versions/", std::string(31, '0'), number));
  }

  static KeyUsage Usage(const KeyVersionName& version, const std::string& user) {
    return {.version = version,
            .user = user,
            .service = "encryption",
            .description = "",
            .create_time = kNow};
  }

  static std::vector<std::string> Users(const std::vector<KeyUsage>& usages) {
    std::vector<std::string> users;
    for (const KeyUsage& usage : usages) users.push_back(usage.user);
    return users;
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(KeyUsageStoreTest, AUsageIsThereUntilItIsReleased) {
  Write([&](storage::Transaction& tx) {
    KeyUsageStore usages(tx);
    KeyUsage usage = Usage(VersionOf("contoso", "a", 1), "accounts/x");
    usage.description = "first";
    ASSERT_TRUE(usages.Register(usage).ok());
    usage.description = "second";
    usage.create_time = kNow + absl::Hours(1);
    ASSERT_TRUE(usages.Register(usage).ok());
    const auto found = usages.Find(usage.version, "encryption", "accounts/x");
    ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
    EXPECT_EQ((*found)->description, "second");
    EXPECT_EQ((*found)->create_time, kNow);
    EXPECT_TRUE(usages.Release(usage.version, "another", "accounts/x").ok());
    EXPECT_TRUE(usages.Release(VersionOf("contoso", "a", 2), "encryption", "accounts/x").ok());
    EXPECT_EQ(*usages.Count(UsageScope::Of(usage.version.vault())), 1);
    EXPECT_TRUE(usages.Release(usage.version, "encryption", "accounts/x").ok());
    EXPECT_TRUE(usages.Release(usage.version, "encryption", "accounts/x").ok());
    EXPECT_EQ(*usages.Count(UsageScope::Of(usage.version.vault())), 0);
  });
}

TEST_P(KeyUsageStoreTest, EachScopeHasItsOwn) {
  Write([&](storage::Transaction& tx) {
    KeyUsageStore usages(tx);
    ASSERT_TRUE(usages.Register(Usage(VersionOf("contoso", "a", 1), "accounts/1")).ok());
    ASSERT_TRUE(usages.Register(Usage(VersionOf("contoso", "a", 2), "accounts/2")).ok());
    ASSERT_TRUE(usages.Register(Usage(VersionOf("contoso", "b", 1), "accounts/3")).ok());
    ASSERT_TRUE(usages.Register(Usage(VersionOf("fabrikam", "a", 1), "accounts/4")).ok());
    const auto users = [&](const UsageScope& scope) {
      const auto listed = usages.List(scope, "", 10);
      EXPECT_TRUE(listed.ok()) << listed.status();
      EXPECT_EQ(*usages.Count(scope), static_cast<int64_t>(listed->size()));
      return Users(*listed);
    };
    const KeyName key = VersionOf("contoso", "a", 1).key();
    EXPECT_THAT(users(UsageScope::Of(key.vault())),
                ElementsAre("accounts/1", "accounts/2", "accounts/3"));
    UsageScope scope = UsageScope::Of(KeyReference{key, ""});
    EXPECT_THAT(users(scope), ElementsAre("accounts/1", "accounts/2"));
    KeyVersion version = **KeyStore(tx).FindVersion(VersionOf("contoso", "a", 1));
    version.enabled = false;
    ASSERT_TRUE(KeyStore(tx).UpdateVersion(version).ok());
    scope.enabled_only = true;
    EXPECT_THAT(users(scope), ElementsAre("accounts/2"));
    EXPECT_THAT(users(UsageScope::Of(KeyReference{key, version.name.id()})),
                ElementsAre("accounts/1"));
  });
}

TEST_P(KeyUsageStoreTest, ListsInPages) {
  Write([&](storage::Transaction& tx) {
    KeyUsageStore usages(tx);
    for (int number : {2, 1}) {
      for (const char* user : {"accounts/c", "accounts/a", "accounts/b"}) {
        ASSERT_TRUE(usages.Register(Usage(VersionOf("contoso", "a", number), user)).ok());
      }
    }
    const UsageScope scope = UsageScope::Of(VersionOf("contoso", "a", 1).vault());
    std::vector<std::string> users;
    std::string after;
    while (true) {
      const auto page = usages.List(scope, after, 2);
      ASSERT_TRUE(page.ok()) << page.status();
      if (page->empty()) break;
      for (const std::string& user : Users(*page)) users.push_back(user);
      after = KeyUsageStore::SortKey(page->back());
    }
    EXPECT_THAT(users, ElementsAre("accounts/a", "accounts/b", "accounts/c", "accounts/a",
                                   "accounts/b", "accounts/c"));
  });
}

TEST_P(KeyUsageStoreTest, UsagesGoWithTheirKeyAndTheirVault) {
  Write([&](storage::Transaction& tx) {
    KeyUsageStore usages(tx);
    const KeyVersionName a = VersionOf("contoso", "a", 1);
    const KeyVersionName b = VersionOf("contoso", "b", 1);
    const KeyVersionName other = VersionOf("fabrikam", "a", 1);
    for (const KeyVersionName& version : {a, b, other}) {
      ASSERT_TRUE(usages.Register(Usage(version, "accounts/x")).ok());
    }
    ASSERT_TRUE(KeyStore(tx).Purge(a.key()).ok());
    EXPECT_EQ(*usages.Count(UsageScope::Of(a.vault())), 1);
    ASSERT_TRUE(VaultStore(tx).Purge(a.vault()).ok());
    EXPECT_FALSE(usages.Find(b, "encryption", "accounts/x")->has_value());
    EXPECT_TRUE(usages.Find(other, "encryption", "accounts/x")->has_value());
  });
}

TEST_P(KeyUsageStoreTest, AVaultIsEmptiedInSteps) {
  Write([&](storage::Transaction& tx) {
    KeyUsageStore usages(tx);
    ASSERT_TRUE(usages.Register(Usage(VersionOf("contoso", "a", 1), "accounts/x")).ok());
    VaultStore vaults(tx);
    const VaultName contoso = *VaultName::FromId("contoso");
    // A usage; four versions, three at a time; two keys.
    int steps = 0;
    while (true) {
      const auto empty = vaults.RemoveSome(contoso, 3);
      ASSERT_TRUE(empty.ok()) << empty.status();
      if (*empty) break;
      ++steps;
    }
    EXPECT_EQ(steps, 4);
    EXPECT_FALSE(KeyStore(tx).Find(VersionOf("contoso", "b", 1).key())->has_value());
    EXPECT_TRUE(KeyStore(tx).FindVersion(VersionOf("fabrikam", "b", 2))->has_value());
    EXPECT_TRUE(vaults.Purge(contoso).ok());
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyUsageStoreTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::key_vault
