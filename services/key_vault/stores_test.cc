// The stores on every engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/database.h"
#include "common/storage/testing/temporary_database.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_store.h"
#include "services/key_vault/schema.h"
#include "services/key_vault/subscription_store.h"
#include "services/key_vault/vault_store.h"

namespace keyward::key_vault {
namespace {

using storage::testing::TemporaryDatabase;
using ::testing::ElementsAre;
using ::testing::Pair;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr char kPrincipal[] = "0b6a2c5e-7a55-4c6e-9b1c-5a8e3f1d2c4b";

class StoresTest : public ::testing::TestWithParam<std::string> {
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
  }

  template <typename Work>
  void Write(Work work) {
    const absl::Status status = database_->Write([&](storage::Transaction& tx) -> absl::Status {
      work(tx);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  static Vault MakeVault(const std::string& id) {
    return Vault{.name = *VaultName::FromId(id),
                 .subscription = "subscriptions/main",
                 .tenant = "tenants/test",
                 .region = "westeurope",
                 .retention_days = 7,
                 .purge_protection = true,
                 .sku = keyvault::v1::SKU_PREMIUM,
                 .tags = {{"a", "1"}, {"\"quoted\" ü", "{}"}},
                 .create_time = kNow,
                 .update_time = kNow};
  }

  // A key with two versions, the second the newest.
  static Key InsertKey(storage::Transaction& tx, const std::string& vault, const std::string& id) {
    const KeyName name = *KeyName::FromId(*VaultName::FromId(vault), id);
    const KeyVersion first = MakeVersion(KeyVersionName::New(name), 1);
    const KeyVersion second = MakeVersion(KeyVersionName::New(name), 2);
    const Key key{.name = name,
                  .type = keyvault::v1::KEY_TYPE_RSA_2048,
                  .newest_version = second.name.id(),
                  .create_time = kNow,
                  .update_time = kNow};
    KeyStore keys(tx);
    EXPECT_TRUE(keys.Insert(key).ok());
    EXPECT_TRUE(keys.InsertVersion(first, std::string("\0sealed-1", 9)).ok());
    EXPECT_TRUE(keys.InsertVersion(second, "sealed-2").ok());
    return key;
  }

  static KeyVersion MakeVersion(const KeyVersionName& name, int64_t number) {
    return KeyVersion{.name = name,
                      .number = number,
                      .operations = {KeyOperation::kWrapKey, KeyOperation::kUnwrapKey},
                      .not_before = kNow - absl::Hours(1),
                      .tags = {{"n", absl::StrCat(number)}},
                      .public_key_pem = "PEM",
                      .create_time = kNow,
                      .update_time = kNow};
  }

  std::unique_ptr<TemporaryDatabase> temporary_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(StoresTest, VaultComesBackAsItWasStored) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    Vault vault = MakeVault("Contoso");
    ASSERT_TRUE(vaults.Insert(vault).ok());
    vault.purge_protection = false;
    vault.tags = {};
    vault.revision = 2;
    vault.update_time = kNow + absl::Microseconds(1);
    vault.delete_time = kNow + absl::Hours(1);
    vault.purge_time = kNow + absl::Hours(2);
    ASSERT_TRUE(vaults.Insert(MakeVault("other")).ok());
    const std::optional<Vault> before = *vaults.Find(vault.name);
    EXPECT_EQ(before->tags, MakeVault("Contoso").tags);
    EXPECT_FALSE(before->deleted());
    ASSERT_TRUE(vaults.Update(vault).ok());
    const std::optional<Vault> after = *vaults.FindFolded(*VaultName::FromId("CONTOSO"));
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->name, vault.name);
    EXPECT_EQ(after->subscription, vault.subscription);
    EXPECT_EQ(after->tenant, vault.tenant);
    EXPECT_EQ(after->region, vault.region);
    EXPECT_EQ(after->retention_days, 7);
    EXPECT_FALSE(after->purge_protection);
    EXPECT_EQ(after->sku, keyvault::v1::SKU_PREMIUM);
    EXPECT_TRUE(after->tags.empty());
    EXPECT_EQ(after->revision, 2);
    EXPECT_EQ(after->update_time, vault.update_time);
    EXPECT_EQ(after->delete_time, vault.delete_time);
    EXPECT_EQ(after->purge_time, vault.purge_time);
    EXPECT_EQ(*vaults.Find(*VaultName::FromId("contoso")), std::nullopt);
  });
}

TEST_P(StoresTest, VaultNamesDifferInMoreThanCase) {
  Write([&](storage::Transaction& tx) {
    ASSERT_TRUE(VaultStore(tx).Insert(MakeVault("Contoso")).ok());
  });
  const absl::Status status = database_->Write(
      [&](storage::Transaction& tx) { return VaultStore(tx).Insert(MakeVault("contoso")); });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
}

TEST_P(StoresTest, PolicyEntriesAreSetOneByOne) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    const Vault vault = MakeVault("contoso");
    ASSERT_TRUE(vaults.Insert(vault).ok());
    ASSERT_TRUE(vaults
                    .SetPolicyEntries(vault.name, {{"alice", KeyPermissions::All()},
                                                   {kPrincipal, {KeyPermission::kGet}}})
                    .ok());
    ASSERT_TRUE(vaults
                    .SetPolicyEntries(vault.name, {{"alice", KeyPermissions()},
                                                   {kPrincipal, {KeyPermission::kWrapKey}}})
                    .ok());
    EXPECT_THAT(vaults.FindPolicy(vault.name)->entries(),
                ElementsAre(Pair(kPrincipal, KeyPermissions{KeyPermission::kWrapKey})));
  });
}

TEST_P(StoresTest, PurgingAVaultLeavesNothingOfIt) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    ASSERT_TRUE(vaults.Insert(MakeVault("contoso")).ok());
    ASSERT_TRUE(vaults.Insert(MakeVault("other")).ok());
    ASSERT_TRUE(
        vaults
            .SetPolicyEntries(*VaultName::FromId("contoso"), {{kPrincipal, KeyPermissions::All()}})
            .ok());
    const Key key = InsertKey(tx, "contoso", "k");
    const Key other = InsertKey(tx, "other", "k");
    ASSERT_TRUE(vaults.Purge(*VaultName::FromId("contoso")).ok());
    EXPECT_FALSE(vaults.Find(*VaultName::FromId("contoso"))->has_value());
    EXPECT_FALSE(KeyStore(tx).Find(key.name)->has_value());
    EXPECT_TRUE(KeyStore(tx).Find(other.name)->has_value());
    ASSERT_TRUE(vaults.Insert(MakeVault("CONTOSO")).ok());
    EXPECT_TRUE(vaults.FindPolicy(*VaultName::FromId("CONTOSO"))->entries().empty());
  });
}

TEST_P(StoresTest, WhatIsDueForPurgeIsFound) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    for (int i = 0; i < 3; ++i) {
      Vault vault = MakeVault(absl::StrCat("vault", i));
      if (i > 0) vault.delete_time = kNow;
      if (i > 0) vault.purge_time = kNow + absl::Hours(i);
      ASSERT_TRUE(vaults.Insert(vault).ok());
    }
    EXPECT_EQ(vaults.ListDueForPurge(kNow, 10)->size(), 0u);
    EXPECT_EQ(vaults.ListDueForPurge(kNow + absl::Hours(1), 10)->size(), 1u);
    EXPECT_EQ(vaults.ListDueForPurge(kNow + absl::Hours(2), 10)->size(), 2u);
    EXPECT_EQ(vaults.ListDueForPurge(kNow + absl::Hours(2), 1)->size(), 1u);
    Key key = InsertKey(tx, "vault0", "k");
    key.delete_time = kNow;
    key.purge_time = kNow + absl::Hours(1);
    ASSERT_TRUE(KeyStore(tx).Update(key).ok());
    EXPECT_EQ(KeyStore(tx).ListDueForPurge(kNow, 10)->size(), 0u);
    EXPECT_EQ(KeyStore(tx).ListDueForPurge(kNow + absl::Hours(1), 10)->size(), 1u);
  });
}

TEST_P(StoresTest, KeyComesBackAsItWasStored) {
  Write([&](storage::Transaction& tx) {
    ASSERT_TRUE(VaultStore(tx).Insert(MakeVault("contoso")).ok());
    const Key key = InsertKey(tx, "contoso", "Key");
    KeyStore keys(tx);
    EXPECT_FALSE(keys.Find(*KeyName::Parse("vaults/contoso/keys/key"))->has_value());
    EXPECT_TRUE(keys.FindFolded(*KeyName::Parse("vaults/contoso/keys/key"))->has_value());
    const std::vector<KeyVersion> versions = *keys.ListVersions(key.name, 0, 10);
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0].number, 2);
    EXPECT_EQ(versions[0].name.id(), key.newest_version);
    EXPECT_EQ(versions[1].operations, MakeVersion(versions[1].name, 1).operations);
    EXPECT_EQ(versions[1].not_before, kNow - absl::Hours(1));
    EXPECT_EQ(versions[1].expire_time, std::nullopt);
    EXPECT_EQ(versions[1].tags.at("n"), "1");
    EXPECT_EQ(keys.ListVersions(key.name, 2, 10)->size(), 1u);
    EXPECT_EQ(*FindSealedPrivateKey(tx, versions[1].name), std::string("\0sealed-1", 9));
    const auto listed = keys.List(key.name.vault(), "", 10, Shown());
    ASSERT_EQ(listed->size(), 1u);
    EXPECT_EQ((*listed)[0].second.name, versions[0].name);
    EXPECT_EQ(*keys.SetEnabled(key.name, false, kNow), 2);
    EXPECT_EQ(*keys.SetEnabled(key.name, false, kNow), 0);
    EXPECT_FALSE((*keys.FindVersion(versions[0].name))->enabled);
    EXPECT_EQ((*keys.FindVersion(versions[0].name))->revision, 2);
    ASSERT_TRUE(keys.Purge(key.name).ok());
    EXPECT_FALSE(keys.FindVersion(versions[0].name)->has_value());
  });
}

TEST_P(StoresTest, KeyAccessTellsAllInOneQuery) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    Vault vault = MakeVault("contoso");
    ASSERT_TRUE(vaults.Insert(vault).ok());
    Key key = InsertKey(tx, "contoso", "k");
    const std::vector<KeyVersion> versions = *KeyStore(tx).ListVersions(key.name, 0, 10);

    std::optional<KeyAccess> access = *FindKeyAccess(tx, {key.name, ""});
    ASSERT_TRUE(access.has_value());
    EXPECT_TRUE(access->key_found);
    EXPECT_EQ(access->key_type, keyvault::v1::KEY_TYPE_RSA_2048);
    EXPECT_EQ(access->version, versions[0].name);
    EXPECT_FALSE(access->state.vault_deleted);
    EXPECT_FALSE(access->state.key_deleted);
    EXPECT_TRUE(access->state.enabled);
    EXPECT_EQ(access->state.operations, versions[0].operations);
    EXPECT_EQ(access->state.not_before, versions[0].not_before);
    EXPECT_EQ(access->state.expire_time, std::nullopt);

    access = *FindKeyAccess(tx, {key.name, versions[1].name.id()});
    EXPECT_EQ(access->version, versions[1].name);
    EXPECT_EQ((*FindKeyAccess(tx, {key.name, std::string(32, '0')}))->version, std::nullopt);
    access = *FindKeyAccess(tx, {*KeyName::Parse("vaults/contoso/keys/nokey"), ""});
    EXPECT_FALSE(access->key_found);
    EXPECT_FALSE(FindKeyAccess(tx, {*KeyName::Parse("vaults/nobody/keys/k"), ""})->has_value());

    key.delete_time = kNow;
    key.purge_time = kNow;
    vault.delete_time = kNow;
    vault.purge_time = kNow;
    ASSERT_TRUE(KeyStore(tx).Update(key).ok());
    ASSERT_TRUE(vaults.Update(vault).ok());
    ASSERT_TRUE(KeyStore(tx).SetEnabled(key.name, false, kNow).ok());
    access = *FindKeyAccess(tx, {key.name, ""});
    EXPECT_TRUE(access->state.vault_deleted);
    EXPECT_TRUE(access->state.key_deleted);
    EXPECT_FALSE(access->state.enabled);
  });
}

TEST_P(StoresTest, VaultAccessTellsTenantAndPermissions) {
  Write([&](storage::Transaction& tx) {
    VaultStore vaults(tx);
    const Vault vault = MakeVault("contoso");
    ASSERT_TRUE(vaults.Insert(vault).ok());
    ASSERT_TRUE(vaults.SetPolicyEntries(vault.name, {{kPrincipal, {KeyPermission::kGet}}}).ok());
    EXPECT_EQ((*FindVaultAccess(tx, vault.name, kPrincipal))->permissions,
              KeyPermissions{KeyPermission::kGet});
    EXPECT_EQ((*FindVaultAccess(tx, vault.name, "nobody"))->vault_tenant, "tenants/test");
    EXPECT_TRUE((*FindVaultAccess(tx, vault.name, "nobody"))->permissions.empty());
    EXPECT_FALSE(FindVaultAccess(tx, *VaultName::FromId("nobody"), kPrincipal)->has_value());
  });
}

TEST_P(StoresTest, SubscriptionsMove) {
  Write([&](storage::Transaction& tx) {
    SubscriptionStore subscriptions(tx);
    EXPECT_EQ(*subscriptions.FindTenant("subscriptions/main"), std::nullopt);
    ASSERT_TRUE(subscriptions.Set("subscriptions/main", "tenants/one").ok());
    ASSERT_TRUE(subscriptions.Set("subscriptions/main", "tenants/two").ok());
    EXPECT_EQ(*subscriptions.FindTenant("subscriptions/main"), "tenants/two");
  });
}

INSTANTIATE_TEST_SUITE_P(Engines, StoresTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace keyward::key_vault
