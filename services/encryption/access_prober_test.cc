#include "services/encryption/access_prober.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

constexpr absl::Duration kInterval = absl::Hours(1);

class AccessProberTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
    upload_ = *Encrypt("contoso", "uploads", "doc", "text");
  }

  // Lets time go by, a second at a pass; returns the most unwraps that a pass has made.
  int RunFor(absl::Duration time) {
    int most = 0;
    for (const absl::Time end = clock_.Now() + time; clock_.Now() < end;) {
      const int before = key_vault_.unwraps();
      const absl::Duration wait = core_->background().RunProbes();
      most = std::max(most, key_vault_.unwraps() - before);
      clock_.Advance(wait);
    }
    return most;
  }

  // Gives a thousand accounts the key of one: they use it as the same identity.
  void CloneAThousand() {
    const std::string principal = identities_.CreateUserAssigned("shared", kTenant);
    key_vault_.Grant(kVault, principal);
    identities_.Attach("shared", Name("contoso"));
    ASSERT_TRUE(Enable("contoso", kKey, "", "identities/shared").ok());
    ASSERT_TRUE(database_->Write([&](storage::Transaction& tx) { return InsertClones(tx); }).ok());
    Stop();
    // Nobody need hear of it.
    identities_.feed().Hold();
    Start();
    for (int i = 0; i < 1000; ++i) identities_.Attach("shared", Name(absl::StrCat("clone-", i)));
  }

  static absl::Status InsertClones(storage::Transaction& tx) {
    KW_RETURN_IF_ERROR(tx.Execute("CREATE TEMPORARY TABLE original AS "
                                  "SELECT * FROM accounts WHERE account = 'contoso'")
                           .status());
    for (int i = 0; i < 1000; ++i) {
      KW_RETURN_IF_ERROR(tx.Execute("UPDATE original SET account = :account",
                                    {{"account", absl::StrCat("clone-", i)}})
                             .status());
      KW_RETURN_IF_ERROR(tx.Execute("INSERT INTO accounts SELECT * FROM original").status());
    }
    return tx.Execute("DROP TABLE original").status();
  }

  // When each account was unwrapped since.
  std::map<std::string, absl::Time> Checks(absl::Time since) {
    std::map<std::string, absl::Time> checks;
    EXPECT_TRUE(database_
                    ->Read([&](storage::Transaction& tx) -> absl::Status {
                      checks.clear();
                      KW_ASSIGN_OR_RETURN(
                          const auto rows,
                          tx.Query("SELECT account, check_time FROM accounts "
                                   "WHERE account LIKE 'clone-%' AND check_status = 'OK' "
                                   "AND check_time > :since",
                                   {{"since", since}}));
                      for (const auto& row : rows) checks[row.GetString(0)] = row.GetTime(1);
                      return absl::OkStatus();
                    })
                    .ok());
    return checks;
  }

  std::string upload_;
};

TEST_F(AccessProberTest, AThousandAccountsSpreadOverTheInterval) {
  CloneAThousand();
  const absl::Time begin = clock_.Now();
  const int before = key_vault_.unwraps();
  const int most = RunFor(kInterval + absl::Seconds(1));
  // Each exactly once, beside the original.
  EXPECT_EQ(key_vault_.unwraps() - before, 1001);
  EXPECT_LE(most, 10);
  std::vector<int> buckets(20, 0);
  for (const auto& [account, time] : Checks(begin)) {
    ++buckets[std::min<int64_t>((time - begin) * 20 / kInterval, 19)];
  }
  // Names decide, so this is the same each time: 50 on average.
  for (size_t i = 0; i < buckets.size(); ++i) {
    EXPECT_GE(buckets[i], 25) << i;
    EXPECT_LE(buckets[i], 80) << i;
  }
}

TEST_F(AccessProberTest, WhatHasPiledUpIsProbedNoFasterThanTheBudget) {
  CloneAThousand();
  // As after a long time down: everybody's turn has passed.
  Stop();
  clock_.Advance(kInterval * 3);
  Start();
  const absl::Time begin = clock_.Now() - absl::Seconds(1);
  EXPECT_EQ(RunFor(absl::Seconds(19)), AccessProber::Options().per_second);
  EXPECT_LT(Checks(begin).size(), 1000u);
  RunFor(absl::Seconds(5));
  EXPECT_EQ(Checks(begin).size(), 1000u);
}

TEST_F(AccessProberTest, ATurnComesOnceAnIntervalAndFollowsFromTheName) {
  const absl::Time now = clock_.Now();
  for (const char* id : {"contoso", "fabrikam", "adventure"}) {
    const absl::Time turn = AccessProber::LastTurn(Name(id), kInterval, now);
    EXPECT_LE(turn, now);
    EXPECT_GT(turn, now - kInterval);
    EXPECT_EQ(AccessProber::LastTurn(Name(id), kInterval, turn), turn);
    EXPECT_EQ(AccessProber::LastTurn(Name(id), kInterval, turn + kInterval), turn + kInterval);
    EXPECT_EQ(AccessProber::LastTurn(Name(id), kInterval, turn - absl::Microseconds(1)),
              turn - kInterval);
  }
}

TEST_F(AccessProberTest, ARefusalThatNoEventToldOfIsALoss) {
  // The vault says no, and its feed never tells why.
  key_vault_.feed().SetConsumer(nullptr);
  key_vault_.SetEnabled(kKey, false);
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) {
                    events::v1::Event other;
                    other.set_source("key_vault");
                    other.set_sequence(key_vault_.feed().newest());
                    return core_->event_handler().Apply(tx, other);
                  })
                  .ok());
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  RunFor(kInterval);
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_REFUSED_BY_VAULT);
  EXPECT_EQ(Sql("SELECT wrapped FROM scope_keys WHERE scope = 'uploads'"), std::string(80, '0'));
  // Nor does it tell that access is back: the next turn finds out.
  key_vault_.SetEnabled(kKey, true);
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) {
                    events::v1::Event other;
                    other.set_source("key_vault");
                    other.set_sequence(key_vault_.feed().newest());
                    return core_->event_handler().Apply(tx, other);
                  })
                  .ok());
  RunFor(kInterval + absl::Minutes(1));
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

TEST_F(AccessProberTest, AnUnreachableVaultOnlySuspends) {
  for (const absl::Status& outage :
       {absl::UnavailableError("down"), absl::DeadlineExceededError("slow"),
        absl::ResourceExhaustedError("throttled"), absl::InternalError("broken"),
        absl::PermissionDeniedError("of a firewall")}) {
    core_->cache().Clear();
    key_vault_.SetOutage(outage);
    RunFor(kInterval);
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_UNVERIFIED) << outage;
    EXPECT_TRUE(Published("keyward.encryption.AccessLost").empty());
    key_vault_.SetOutage(absl::OkStatus());
    RunFor(kInterval);
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE) << outage;
    EXPECT_EQ(*Decrypt("contoso", "uploads", "doc", upload_), "text");
  }
}

TEST_F(AccessProberTest, InAnOutageTheVaultIsAskedOnceAPass) {
  CloneAThousand();
  Stop();
  clock_.Advance(kInterval * 3);
  Start();
  key_vault_.SetOutage(absl::UnavailableError("down"));
  EXPECT_EQ(RunFor(absl::Seconds(30)), 1);
}

TEST_F(AccessProberTest, AStaleFeedHoldsProbesBackAndAnUnwrapInUseSparesThem) {
  fresh_ = false;
  const int before = key_vault_.unwraps();
  RunFor(kInterval);
  EXPECT_EQ(key_vault_.unwraps(), before);
  fresh_ = true;
  // Its turn, once more, has passed unused.
  core_->cache().Clear();
  ASSERT_TRUE(Decrypt("contoso", "uploads", "doc", upload_).ok());
  core_->background().RunProbes();
  EXPECT_EQ(key_vault_.unwraps(), before + 1);
}

}  // namespace
}  // namespace keyward::encryption::testing
