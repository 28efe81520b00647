// What an outage does, what a refusal does, and what an operation in flight may still do.
#include "services/encryption/key_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

class KeyGateTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    CreateAccount("platform");
    CreateAccount("contoso");
    EnableCustomerKey("contoso");
    upload_ = *Encrypt("contoso", "uploads", "doc", "text");
  }

  void ExpectOpen() {
    const auto opened = Decrypt("contoso", "uploads", "doc", upload_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  }
  void ExpectUnverified() {
    const auto opened = Decrypt("contoso", "uploads", "doc", upload_);
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ErrorReason(opened.status()), "ACCESS_UNVERIFIED") << opened.status();
    EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_UNVERIFIED);
    EXPECT_FALSE(AccessOf("contoso").message().empty());
    // Whatever the trouble says for itself, people are consoled once.
    const std::vector<std::string> consoled =
        absl::StrSplit(absl::AsciiStrToLower(opened.status().message()), "nothing is lost");
    EXPECT_EQ(consoled.size(), 2u) << opened.status();
    EXPECT_FALSE(absl::StrContains(opened.status().message(), "Nothing has")) << opened.status();
  }
  void ForgetKeys() { core_->cache().Clear(); }

  std::string upload_;
};

TEST_F(KeyGateTest, AStaleFeedSuspendsCustomerManagedAccountsAndDestroysNothing) {
  fresh_ = false;
  ExpectUnverified();
  EXPECT_EQ(ErrorReason(Encrypt("contoso", "uploads", "new", "x").status()), "ACCESS_UNVERIFIED");
  EXPECT_TRUE(Encrypt("platform", "uploads", "new", "x").ok());
  core_->background().RunHousekeeping();
  fresh_ = true;
  ExpectOpen();
  EXPECT_TRUE(Published("keyward.encryption.AccessLost").empty());
}

TEST_F(KeyGateTest, AnOutageIsBridgedByTheCacheThenSuspendsThenResumes) {
  key_vault_.SetOutage(absl::UnavailableError("connection refused"));
  ExpectOpen();
  clock_.Advance(absl::Minutes(5));
  ExpectUnverified();
  EXPECT_TRUE(Encrypt("platform", "uploads", "new", "x").ok());
  key_vault_.SetOutage(absl::OkStatus());
  ExpectOpen();
}

TEST_F(KeyGateTest, NothingButKeyVaultsOwnReasonsIsALoss) {
  const absl::Status troubles[] = {
      absl::UnavailableError("connection refused"),
      absl::DeadlineExceededError("late"),
      absl::UnauthenticatedError("certificate expired"),
      absl::ResourceExhaustedError("throttled"),
      absl::InternalError("oops"),
      absl::PermissionDeniedError("a proxy says no"),
      absl::NotFoundError("a proxy knows nothing"),
      ErrorBuilder(absl::StatusCode::kPermissionDenied, "NOT_AUTHORIZED", "no"),
      ErrorBuilder(absl::StatusCode::kUnavailable, "FEED_STALE", "stale"),
      ErrorBuilder(absl::StatusCode::kInvalidArgument, "CIPHERTEXT_INVALID", "no"),
  };
  for (const absl::Status& trouble : troubles) {
    SCOPED_TRACE(trouble.ToString());
    ForgetKeys();
    key_vault_.SetOutage(trouble);
    WhileTimePasses([&] { ExpectUnverified(); });
    key_vault_.SetOutage(absl::OkStatus());
    ExpectOpen();
  }
  identities_.SetOutage(absl::UnavailableError("down"));
  Restart();
  ExpectUnverified();
  identities_.SetOutage(absl::OkStatus());
  ExpectOpen();
}

TEST_F(KeyGateTest, ARefusalIsBelievedOnlyOnceTheFeedIsAppliedAndItIsRepeated) {
  ForgetKeys();
  key_vault_.SetOutage(
      ErrorBuilder(absl::StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY", "no"));
  // InspectKey fails as well, so nobody can say how far the feed would have to be.
  ExpectUnverified();
}

TEST_F(KeyGateTest, ARefusalThatNoEventExplainsIsALossAfterItsConfirmation) {
  ForgetKeys();
  // An event that is lost: the feed goes on without it.
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
  const int unwraps = key_vault_.unwraps();
  const int tokens = identities_.tokens_issued();
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()), "ACCESS_DENIED");
  EXPECT_EQ(key_vault_.unwraps(), unwraps + 2);
  EXPECT_EQ(identities_.tokens_issued(), tokens + 1);
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_REFUSED_BY_VAULT);
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
  Restart();
  key_vault_.SetEnabled(kKey, true);
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

TEST_F(KeyGateTest, ARefusalIsNotBelievedWhileEventsAreMissing) {
  ForgetKeys();
  key_vault_.feed().Hold();
  key_vault_.SetEnabled(kKey, false);
  WhileTimePasses([&] {
    EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()),
              "ACCESS_UNVERIFIED");
  });
  EXPECT_TRUE(Published("keyward.encryption.AccessLost").empty());
  key_vault_.feed().Release();
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_KEY_DISABLED);
}

TEST_F(KeyGateTest, ARefusalWhoseEventIsOnItsWayGetsTheTrueCause) {
  ForgetKeys();
  key_vault_.BeforeUnwrap([&] {
    key_vault_.feed().Hold();
    key_vault_.SetEnabled(kKey, false);
    key_vault_.AfterInspect([&] { key_vault_.feed().Release(); });
  });
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()), "ACCESS_DENIED");
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_KEY_DISABLED);
}

TEST_F(KeyGateTest, ALossDuringTheUnwrapShutsTheGateAndKeepsTheKeyOutOfTheCache) {
  ForgetKeys();
  // The loss is committed after key_vault was asked: the unwrap itself succeeds.
  key_vault_.BeforeUnwrap([&] {
    identities_.feed().Hold();
    identities_.feed().Release();
    key_vault_.SetPolicy(kVault, SettingsOf("contoso").principal_id(), {"unwrapKey"});
  });
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()), "ACCESS_DENIED");
  v1::GetAccountRequest request;
  request.set_name("accounts/contoso");
  EXPECT_EQ(core_->accounts().Get(Call(), request)->access().cause(),
            v1::CAUSE_ACCESS_POLICY_REMOVED);
  key_vault_.Grant(kVault, SettingsOf("contoso").principal_id());
  key_vault_.SetOutage(absl::UnavailableError("down"));
  EXPECT_FALSE(Revalidate("contoso").ok());
}

TEST_F(KeyGateTest, ALossThatWasUndoneDuringTheUnwrapStillCounts) {
  ForgetKeys();
  key_vault_.BeforeUnwrap([&] {
    key_vault_.SetEnabled(kKey, false);
    key_vault_.SetEnabled(kKey, true);
  });
  EXPECT_FALSE(Decrypt("contoso", "uploads", "doc", upload_).ok());
  core_->background().RunWork();
  EXPECT_EQ(ErrorReason(Decrypt("contoso", "uploads", "doc", upload_).status()), "SCOPE_DESTROYED");
}

TEST_F(KeyGateTest, AnIdentityMadeAnewIsNotTakenForTheOldOne) {
  ForgetKeys();
  identities_.feed().Hold();
  identities_.DisableIdentity(Name("contoso"));
  key_vault_.Grant(kVault, identities_.EnableIdentity(Name("contoso")));
  // The new principal may unwrap; the loss of the old one has not been heard of yet.
  WhileTimePasses([&] { ExpectUnverified(); });
  identities_.feed().Release();
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_IDENTITY_DISABLED);
}

TEST_F(KeyGateTest, ManyCallersShareOneUnwrap) {
  ForgetKeys();
  const int unwraps = key_vault_.unwraps();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { EXPECT_TRUE(Decrypt("contoso", "uploads", "doc", upload_).ok()); });
  }
  for (std::thread& caller : callers) caller.join();
  // Callers that came after the first had landed found its key in the cache.
  EXPECT_EQ(key_vault_.unwraps(), unwraps + 1);
}

TEST_F(KeyGateTest, KeysInUseAreRefreshedBeforeTheyExpire) {
  clock_.Advance(absl::Minutes(4));
  ASSERT_TRUE(Decrypt("contoso", "uploads", "doc", upload_).ok());
  const int unwraps = key_vault_.unwraps();
  core_->background().RunRefresh();
  EXPECT_EQ(key_vault_.unwraps(), unwraps + 1);
  clock_.Advance(absl::Minutes(2));
  key_vault_.SetOutage(absl::UnavailableError("down"));
  ExpectOpen();
  // Keys that nobody uses are let go.
  clock_.Advance(absl::Minutes(10));
  core_->background().RunRefresh();
  EXPECT_EQ(key_vault_.unwraps(), unwraps + 1);
}

TEST_F(KeyGateTest, TokensAreReusedUntilShortlyBeforeTheyExpire) {
  const int tokens = identities_.tokens_issued();
  for (int i = 0; i < 3; ++i) {
    ForgetKeys();
    ASSERT_TRUE(Decrypt("contoso", "uploads", "doc", upload_).ok());
  }
  EXPECT_EQ(identities_.tokens_issued(), tokens);
  clock_.Advance(absl::Minutes(10));
  ASSERT_TRUE(Decrypt("contoso", "uploads", "doc", upload_).ok());
  EXPECT_EQ(identities_.tokens_issued(), tokens + 1);
}

TEST_F(KeyGateTest, WorkThatAnOutageStoppedIsTakenUpAgain) {
  key_vault_.SetEnabled(kKey, false);
  key_vault_.SetEnabled(kKey, true);
  key_vault_.SetOutage(absl::UnavailableError("down"));
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  key_vault_.SetOutage(absl::OkStatus());
  Restart();
  clock_.Advance(absl::Seconds(1));
  core_->background().RunWork();
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

}  // namespace
}  // namespace keyward::encryption::testing
