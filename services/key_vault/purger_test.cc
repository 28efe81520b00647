#include "services/key_vault/purger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/audit/audit_store.h"
#include "common/status/error.h"
#include "services/key_vault/testing/vault_env.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;
using ::testing::ElementsAre;
using testing::VaultEnv;

class PurgerTest : public ::testing::Test {
 protected:
  PurgerTest() {
    env_.CreateVault("contoso");
    env_.CreateVault("fabrikam");
    env_.CreateKey("contoso", "a");
    env_.CreateKey("contoso", "b");
    env_.CreateKey("fabrikam", "c");
  }

  void DeleteKey(const std::string& name) {
    v1::DeleteKeyRequest request;
    request.set_name(name);
    ASSERT_TRUE(env_.keys.Delete(call_, request).ok());
  }

  void DeleteVault(const std::string& name) {
    v1::DeleteVaultRequest request;
    request.set_name(name);
    ASSERT_TRUE(env_.vaults.Delete(call_, request).ok());
  }

  std::string KeyReason(const std::string& name) {
    v1::RecoverKeyRequest request;
    request.set_name(name);
    return ErrorReason(env_.keys.Recover(call_, request).status());
  }

  std::vector<std::string> NewestEvents(size_t count) {
    const std::vector<std::string> names = env_.EventNames();
    return {names.end() - static_cast<int64_t>(count), names.end()};
  }

  std::vector<audit::v1::AuditEntry> AuditEntries() {
    std::vector<audit::v1::AuditEntry> entries;
    env_.Read([&](storage::Transaction& tx) -> absl::Status {
      auto read = audit::ReadEntries(tx, {}, 0, 100);
      if (read.ok()) entries = *std::move(read);
      return read.status();
    });
    return entries;
  }

  VaultEnv env_;
  const server::CallContext call_ = VaultEnv::Call();
  Purger purger_{*env_.database, env_.clock, env_.purges};
};

TEST_F(PurgerTest, NothingIsPurgedBeforeItsTime) {
  DeleteKey("vaults/contoso/keys/a");
  DeleteVault("vaults/fabrikam");
  env_.clock.Advance(absl::Hours(24) * 90 - absl::Seconds(1));
  EXPECT_EQ(*purger_.PurgeDue(), 0);
}

TEST_F(PurgerTest, DeletedKeyIsPurgedWhenItsRetentionEnds) {
  DeleteKey("vaults/contoso/keys/a");
  env_.clock.Advance(absl::Hours(24) * 90);
  EXPECT_EQ(*purger_.PurgeDue(), 1);
  EXPECT_EQ(*purger_.PurgeDue(), 0);
  EXPECT_EQ(KeyReason("vaults/contoso/keys/a"), "KEY_NOT_FOUND");
  EXPECT_EQ(KeyReason("vaults/contoso/keys/b"), "");
  EXPECT_THAT(NewestEvents(1), ElementsAre("keyward.keyvault.KeyPurged vaults/contoso/keys/a"));
  const std::vector<audit::v1::AuditEntry> entries = AuditEntries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].operation(), "background/PurgeKey");
  EXPECT_EQ(entries[0].resource(), "vaults/contoso/keys/a");
  EXPECT_EQ(entries[0].result(), "OK");
  EXPECT_EQ(entries[0].correlation_id(), env_.Events().back().correlation_id());
  // The name is free again.
  env_.CreateKey("contoso", "A");
}

TEST_F(PurgerTest, DeletedVaultIsPurgedWithItsKeys) {
  DeleteKey("vaults/contoso/keys/a");
  DeleteVault("vaults/contoso");
  env_.clock.Advance(absl::Hours(24) * 90);
  EXPECT_EQ(*purger_.PurgeDue(), 1);
  EXPECT_THAT(NewestEvents(1), ElementsAre("keyward.keyvault.VaultPurged vaults/contoso"));
  env_.CreateVault("Contoso");
  EXPECT_EQ(KeyReason("vaults/Contoso/keys/b"), "KEY_NOT_FOUND");
  EXPECT_EQ(KeyReason("vaults/fabrikam/keys/c"), "");
}

TEST_F(PurgerTest, WhatWasRecoveredIsNotPurged) {
  DeleteKey("vaults/contoso/keys/a");
  EXPECT_EQ(KeyReason("vaults/contoso/keys/a"), "");
  env_.clock.Advance(absl::Hours(24) * 100);
  EXPECT_EQ(*purger_.PurgeDue(), 0);
}

TEST_F(PurgerTest, WorksByItselfAsTimeGoesOn) {
  DeleteKey("vaults/contoso/keys/a");
  purger_.Start(absl::Hours(1));
  while (NewestEvents(1)[0] != "keyward.keyvault.KeyPurged vaults/contoso/keys/a") {
    env_.clock.Advance(absl::Hours(24));
  }
  purger_.Stop();
}

}  // namespace
}  // namespace keyward::key_vault
