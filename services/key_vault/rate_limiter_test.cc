#include "services/key_vault/rate_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

constexpr char kAlice[] = "spiffe://keyward.local/operator/alice";

class RateLimiterTest : public ::testing::Test {
 protected:
  // How many operations pass before one is refused.
  int Drain(RateLimiter& limiter, const std::string& vault = "contoso",
            const std::string& principal = kAlice, double weight = 1) {
    int passed = 0;
    while (limiter.TakeOperations(Vault(vault), principal, weight).ok()) ++passed;
    return passed;
  }

  static VaultName Vault(const std::string& id) { return *VaultName::FromId(id); }

  clock::FakeClock clock_;
};

TEST_F(RateLimiterTest, TenSecondsWorthAtOnceAndThenAsTimeGoesOn) {
  RateLimiter limiter(clock_, {.vault_operations = 5});
  EXPECT_EQ(Drain(limiter), 50);
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_EQ(Drain(limiter), 4);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Drain(limiter), 1);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Drain(limiter), 50);
  // Another vault is another matter.
  EXPECT_EQ(Drain(limiter, "fabrikam"), 50);
}

TEST_F(RateLimiterTest, LargeKeysCountForMore) {
  RateLimiter limiter(clock_, {.vault_operations = 80});
  EXPECT_EQ(Drain(limiter, "contoso", kAlice, OperationWeight(v1::KEY_TYPE_RSA_4096)), 100);
  EXPECT_EQ(Drain(limiter, "fabrikam", kAlice, OperationWeight(v1::KEY_TYPE_RSA_3072)), 200);
  EXPECT_EQ(Drain(limiter, "third", kAlice, OperationWeight(v1::KEY_TYPE_RSA_2048)), 800);
  EXPECT_EQ(OperationWeight(v1::KEY_TYPE_EC_P521), 1);
}

TEST_F(RateLimiterTest, APrincipalIsLimitedInAllVaultsTogether) {
  RateLimiter limiter(clock_, {.vault_operations = 5, .principal_operations = 8});
  EXPECT_EQ(Drain(limiter), 50);
  EXPECT_EQ(Drain(limiter, "fabrikam"), 30);
  EXPECT_EQ(Drain(limiter, "fabrikam", "bob"), 20);
}

TEST_F(RateLimiterTest, TheErrorSaysWhichLimitHowMuchAndWhenToTryAgain) {
  RateLimiter limiter(clock_, {.vault_operations = 2});
  Drain(limiter);
  const absl::Status status = limiter.TakeOperations(Vault("contoso"), kAlice, 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "LIMIT_EXCEEDED");
  EXPECT_EQ(ErrorMetadata(status, "resource"), "vaults/contoso");
  EXPECT_EQ(ErrorMetadata(status, "limit"), "operations of the vault");
  EXPECT_EQ(ErrorMetadata(status, "per_second"), "2");
  EXPECT_EQ(ErrorMetadata(status, "retry_after"), "500ms");
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(limiter.TakeOperations(Vault("contoso"), kAlice, 1).ok());
}

TEST_F(RateLimiterTest, WhatIsRefusedDoesNotCount) {
  RateLimiter limiter(clock_, {.vault_operations = 1, .principal_operations = 2});
  EXPECT_EQ(Drain(limiter), 10);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(limiter.TakeOperations(Vault("contoso"), kAlice, 1).ok());
  }
  EXPECT_EQ(Drain(limiter, "fabrikam"), 10);
}

TEST_F(RateLimiterTest, WhatWeighsMoreThanABucketHoldsIsNotRefusedForEver) {
  RateLimiter limiter(clock_, {.vault_operations = 0.5});
  EXPECT_TRUE(limiter.TakeOperations(Vault("contoso"), kAlice, 8).ok());
  EXPECT_FALSE(limiter.TakeOperations(Vault("contoso"), kAlice, 1).ok());
  clock_.Advance(absl::Seconds(8));
  EXPECT_TRUE(limiter.TakeOperations(Vault("contoso"), kAlice, 1).ok());
}

TEST_F(RateLimiterTest, MakingKeysHasABucketOfItsOwn) {
  RateLimiter limiter(clock_, {.vault_operations = 1, .vault_key_creations = 0.3});
  EXPECT_EQ(Drain(limiter), 10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.TakeKeyCreation(Vault("contoso")).ok());
  const absl::Status status = limiter.TakeKeyCreation(Vault("contoso"));
  EXPECT_EQ(ErrorMetadata(status, "limit"), "key creations of the vault");
  EXPECT_TRUE(limiter.TakeKeyCreation(Vault("fabrikam")).ok());
}

TEST_F(RateLimiterTest, MemoryIsBounded) {
  RateLimiter limiter(clock_, {}, /*capacity=*/100);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(limiter.TakeOperations(Vault("contoso"), absl::StrCat("p", i), 1).ok());
    EXPECT_LE(limiter.size(), 100u);
  }
  clock_.Advance(3 * RateLimiter::kWindow);
  ASSERT_TRUE(limiter.TakeOperations(Vault("contoso"), kAlice, 1).ok());
  EXPECT_EQ(limiter.size(), 2u);
}

}  // namespace
}  // namespace keyward::key_vault
