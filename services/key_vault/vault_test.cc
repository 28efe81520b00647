#include "services/key_vault/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace keyward::key_vault {
namespace {

using ::testing::UnorderedElementsAre;

Vault MakeVault(int retention_days, bool purge_protection) {
  return Vault{.name = *VaultName::FromId("contoso"),
               .subscription = "subscriptions/main",
               .tenant = "tenants/test",
               .region = "westeurope",
               .retention_days = retention_days,
               .purge_protection = purge_protection};
}

TEST(VaultTest, RecoveryLevelFollowsFromRetentionAndProtection) {
  for (int days = kMinRetentionDays; days < kMaxRetentionDays; ++days) {
    EXPECT_EQ(RecoveryLevel(MakeVault(days, false)), "CustomizedRecoverable+Purgeable") << days;
    EXPECT_EQ(RecoveryLevel(MakeVault(days, true)), "CustomizedRecoverable") << days;
  }
  EXPECT_EQ(RecoveryLevel(MakeVault(kMaxRetentionDays, false)), "Recoverable+Purgeable");
  EXPECT_EQ(RecoveryLevel(MakeVault(kMaxRetentionDays, true)), "Recoverable");
}

// "Purgeable" needs a vault without soft delete, "…+ProtectedSubscription" a subscription that
// somebody has locked against being deleted: there is neither.
TEST(VaultTest, FourOfTheSevenRecoveryLevelsOccur) {
  std::set<std::string> levels;
  for (int days = kMinRetentionDays; days <= kMaxRetentionDays; ++days) {
    for (bool protection : {false, true}) {
      levels.insert(RecoveryLevel(MakeVault(days, protection)));
    }
  }
  EXPECT_THAT(levels,
              UnorderedElementsAre("Recoverable", "Recoverable+Purgeable", "CustomizedRecoverable",
                                   "CustomizedRecoverable+Purgeable"));
}

}  // namespace
}  // namespace keyward::key_vault
