#include "services/managed_identity/signing_key_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/auth/token.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/jws.h"
#include "common/server/metrics.h"
#include "common/status/error.h"
#include "services/managed_identity/directory_catch_up.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/introspection_handler.h"
#include "services/managed_identity/signing_key_rotator.h"
#include "services/managed_identity/testing/following_verifier.h"
#include "services/managed_identity/token_handler.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Key = identity::v1::SigningKey;

constexpr absl::Duration kPeriod = absl::Hours(24 * 30);
constexpr char kIssuer[] = "https://issuer.test";

class SigningKeysTest : public HandlerFixture {
 protected:
  SigningKeysTest() : root_key_(MakeRootKey()), vault_("key_vault", clock_) {
    Open(kIssuer);
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
    MakeEnabledIdentity("one", "prod");
  }

  static std::unique_ptr<crypto::FileRootKey> MakeRootKey() {
    const std::string path = ::testing::TempDir() + "/signing.key";
    remove(path.c_str());
    return *crypto::FileRootKey::LoadOrCreate(path);
  }

  void Open(const std::string& issuer) {
    succession_ = std::make_unique<KeySuccession>(*root_key_);
    signer_ = *TokenSigner::Open(*changes_, *succession_, *root_key_, issuer);
    tokens_ = std::make_unique<TokenHandler>(*changes_, *signer_, clock_);
    keys_ = std::make_unique<SigningKeyHandler>(*changes_, *succession_);
    rotator_ =
        std::make_unique<SigningKeyRotator>(*changes_, *succession_, clock_, metrics_, kPeriod);
  }

  std::string IssueToken() { return IssueToken(*tokens_); }
  static std::string IssueToken(const TokenHandler& tokens) {
    identity::v1::IssueTokenRequest request;
    request.set_identity("identities/one");
    request.set_audience("key_vault");
    const auto issued = tokens.Issue(Call(), request);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? issued->token() : "";
  }

  static std::string KeyOf(const std::string& token) {
    const auto jws = crypto::ParseJws(token);
    EXPECT_TRUE(jws.ok()) << jws.status();
    return jws.ok() ? jws->key_id : "";
  }

  // Why the vault, having followed the feed so far, refuses a token; "" if it does not.
  std::string RefusalAtVault(const std::string& token) {
    vault_.Follow(Events());
    return std::string(vault_.Verify(token).status().message());
  }

  std::map<Key::State, std::vector<Key>> Keys() {
    std::map<Key::State, std::vector<Key>> keys;
    const auto listed = keys_->List({});
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const Key& key : listed->keys()) keys[key.state()].push_back(key);
    return keys;
  }
  Key Active() { return Keys()[Key::STATE_ACTIVE].at(0); }
  Key Next() { return Keys()[Key::STATE_NEXT].at(0); }

  absl::StatusOr<identity::v1::RotateSigningKeyResponse> Rotate() {
    return keys_->Rotate(Call(), {});
  }
  absl::StatusOr<identity::v1::RevokeSigningKeyResponse> Revoke(const Key& key) {
    identity::v1::RevokeSigningKeyRequest request;
    request.set_name("signingKeys/" + key.key_id());
    return keys_->Revoke(Call(), request);
  }
  void RunDue(int expected) {
    const auto done = rotator_->RunDue();
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_EQ(*done, expected);
  }
  int Published() { return tokens_->GetSigningKeys()->keys_size(); }

  std::unique_ptr<crypto::FileRootKey> root_key_;
  server::Metrics metrics_;
  std::unique_ptr<KeySuccession> succession_;
  std::unique_ptr<TokenSigner> signer_;
  std::unique_ptr<TokenHandler> tokens_;
  std::unique_ptr<SigningKeyHandler> keys_;
  std::unique_ptr<SigningKeyRotator> rotator_;
  testing::FollowingVerifier vault_;
};

TEST_F(SigningKeysTest, TheNextKeyIsPublishedBeforeItSigns) {
  const Key next = Next();
  EXPECT_EQ(next.issuer(), kIssuer);
  EXPECT_NE(KeyOf(IssueToken()), next.key_id());
  const auto rotated = Rotate();
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(rotated->active().key_id(), next.key_id());
  EXPECT_EQ(KeyOf(IssueToken()), next.key_id());
}

TEST_F(SigningKeysTest, TokensOutliveARotationAndTheirKeyEndsAfterThem) {
  const std::string before = IssueToken();
  clock_.Advance(absl::Minutes(1));
  const std::string last = IssueToken();
  ASSERT_TRUE(Rotate().ok());
  EXPECT_EQ(RefusalAtVault(before), "");
  EXPECT_EQ(Published(), 3);
  EXPECT_EQ(RefusalAtVault(IssueToken()), "");
  clock_.Advance(auth::kMaxTokenLifetime - absl::Seconds(1));
  RunDue(0);
  EXPECT_EQ(RefusalAtVault(last), "") << "the key must be known as long as the token is good";
  clock_.Advance(kKeyAfterlife - auth::kMaxTokenLifetime + absl::Seconds(1));
  RunDue(1);
  EXPECT_EQ(Published(), 2);
  EXPECT_THAT(RefusalAtVault(last), HasSubstr("no signing key"));
  EXPECT_THAT(Keys()[Key::STATE_EXPIRED], SizeIs(1));
  RunDue(0);
}

TEST_F(SigningKeysTest, ScheduledRotationHappensOnceAPeriod) {
  const std::string first = Active().key_id();
  RunDue(0);
  clock_.Advance(kPeriod - absl::Seconds(1));
  RunDue(0);
  clock_.Advance(absl::Seconds(1));
  RunDue(1);
  EXPECT_NE(Active().key_id(), first);
  RunDue(0);
  // A signer that slept meanwhile signs with the key whose turn it is.
  EXPECT_EQ(KeyOf(IssueToken()), Active().key_id());
}

TEST_F(SigningKeysTest, AnotherIssuerTakesOverWithANewKey) {
  const std::string before = IssueToken();
  Open("https://new.test");
  EXPECT_EQ(RefusalAtVault(IssueToken()), "");
  RunDue(1);
  RunDue(0);
  const std::string after = IssueToken();
  EXPECT_EQ(RefusalAtVault(before), "");
  EXPECT_EQ(RefusalAtVault(after), "");
  EXPECT_EQ(vault_.Verify(before)->issuer, kIssuer);
  EXPECT_EQ(vault_.Verify(after)->issuer, "https://new.test");
}

TEST_F(SigningKeysTest, ARevokedKeysTokensDieAtOnceAndOthersAreIssued) {
  const std::string before = IssueToken();
  const auto revoked = Revoke(Active());
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->key().state(), Key::STATE_REVOKED);
  EXPECT_THAT(revoked->key().state_reason(), HasSubstr("alice"));
  EXPECT_THAT(RefusalAtVault(before), HasSubstr("no signing key"));
  EXPECT_EQ(RefusalAtVault(IssueToken()), "");
  EXPECT_THAT(Keys()[Key::STATE_ACTIVE], SizeIs(1));
  EXPECT_THAT(Keys()[Key::STATE_NEXT], SizeIs(1));
}

TEST_F(SigningKeysTest, NextAndRetiredKeysCanBeRevokedToo) {
  const Key next = Next();
  ASSERT_TRUE(Revoke(next).ok());
  EXPECT_NE(Next().key_id(), next.key_id());
  const std::string before = IssueToken();
  ASSERT_TRUE(Rotate().ok());
  EXPECT_EQ(RefusalAtVault(before), "");
  ASSERT_TRUE(Revoke(Keys()[Key::STATE_RETIRED].at(0)).ok());
  EXPECT_NE(RefusalAtVault(before), "");
  EXPECT_EQ(RefusalAtVault(IssueToken()), "");
}

TEST_F(SigningKeysTest, RevocationWaitsForEveryService) {
  TestConsumer vault(*feed_, "key_vault");
  vault.RenewLease();
  const Key active = Active();
  const int waiters = clock_.waiters();
  absl::StatusOr<identity::v1::RevokeSigningKeyResponse> revoked = absl::UnknownError("");
  std::thread revoking([&] { revoked = Revoke(active); });
  clock_.AwaitWaiter(waiters);
  // The successor's tokens are kept back as long: the vault would refuse them.
  std::string token;
  absl::Notification issued;
  const int waiting = clock_.waiters();
  std::thread issuing([&] {
    token = IssueToken();
    issued.Notify();
  });
  clock_.AwaitWaiter(waiting);
  EXPECT_FALSE(issued.HasBeenNotified());
  vault.ApplyUpTo(Events().back().sequence());
  revoking.join();
  issuing.join();
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_THAT(revoked->delivery().applied(), ::testing::ElementsAre("key_vault/0"));
  EXPECT_EQ(RefusalAtVault(token), "");
  // From now on tokens wait for nobody.
  RunDue(1);
  RunDue(0);
  const int seen = clock_.waiters();
  IssueToken();
  EXPECT_EQ(clock_.waiters(), seen);
}

TEST_F(SigningKeysTest, RotationWaitsUntilEveryServiceKnowsTheKey) {
  TestConsumer vault(*feed_, "key_vault");
  vault.RenewLease();
  const std::string active = Active().key_id();
  const int waiters = clock_.waiters();
  absl::StatusOr<identity::v1::RotateSigningKeyResponse> rotated = absl::UnknownError("");
  std::thread rotating([&] { rotated = Rotate(); });
  clock_.AwaitWaiter(waiters);
  EXPECT_EQ(Active().key_id(), active);
  EXPECT_EQ(KeyOf(IssueToken()), active) << "tokens are issued meanwhile";
  vault.ApplyUpTo(Events().back().sequence());
  rotating.join();
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(Active().key_id(), rotated->active().key_id());
}

TEST_F(SigningKeysTest, RevokingAgainChangesNothing) {
  const Key active = Active();
  const auto first = Revoke(active);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Revoke(active);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->delivery().sequence(), first->delivery().sequence());
  EXPECT_THAT(Keys()[Key::STATE_REVOKED], SizeIs(1));
}

TEST_F(SigningKeysTest, ValidateOnlyChangesNothing) {
  const std::string token = IssueToken();
  const size_t events = Events().size();
  identity::v1::RevokeSigningKeyRequest request;
  request.set_name(Active().name());
  request.set_validate_only(true);
  const auto revoked = keys_->Revoke(Call(), request);
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->key().state(), Key::STATE_REVOKED);
  EXPECT_FALSE(revoked->has_delivery());
  EXPECT_EQ(Events().size(), events);
  EXPECT_EQ(RefusalAtVault(token), "");
}

TEST_F(SigningKeysTest, WhatCannotBeRevokedIsSaid) {
  Key none;
  none.set_key_id(std::string(32, '0'));
  EXPECT_EQ(ErrorReason(Revoke(none).status()), "SIGNING_KEY_NOT_FOUND");
  none.set_key_id("one");
  EXPECT_EQ(ErrorReason(Revoke(none).status()), "INVALID_REQUEST");
  ASSERT_TRUE(Rotate().ok());
  clock_.Advance(kKeyAfterlife);
  RunDue(1);
  const auto expired = Revoke(Keys()[Key::STATE_EXPIRED].at(0));
  EXPECT_EQ(expired.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(expired.status()), "SIGNING_KEY_EXPIRED");
}

TEST_F(SigningKeysTest, SameRequestRotatesOnce) {
  identity::v1::RotateSigningKeyRequest request;
  request.set_request_id(kRequestId);
  const auto first = keys_->Rotate(Call(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = keys_->Rotate(Call(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->active().key_id(), first->active().key_id());
  EXPECT_EQ(Active().key_id(), first->active().key_id());
}

TEST_F(SigningKeysTest, AReplicaSignsWithTheKeyThatAnotherMadeActive) {
  const auto other = *TokenSigner::Open(*changes_, *succession_, *root_key_, kIssuer);
  const TokenHandler replica(*changes_, *other, clock_);
  EXPECT_EQ(KeyOf(IssueToken(replica)), Active().key_id());
  ASSERT_TRUE(Rotate().ok());
  EXPECT_EQ(KeyOf(IssueToken(replica)), Active().key_id());
  ASSERT_TRUE(Revoke(Active()).ok());
  EXPECT_EQ(KeyOf(IssueToken(replica)), Active().key_id());
}

TEST_F(SigningKeysTest, AReplicasDirectoryKnowsAtOnceWhatAnotherChanged) {
  auth::PrincipalDirectory directory;
  DirectoryCatchUp catch_up(*database_, directory);
  const auth::TokenVerifier verifier("key_vault", directory, clock_);
  const std::string token = IssueToken();
  ASSERT_TRUE(catch_up.CatchUp().ok());
  EXPECT_TRUE(verifier.Verify(token).ok());
  ASSERT_TRUE(Rotate().ok());
  const std::string after = IssueToken();
  ASSERT_TRUE(catch_up.CatchUp().ok());
  EXPECT_TRUE(verifier.Verify(after).ok());
  ASSERT_TRUE(Revoke(Active()).ok());
  ASSERT_TRUE(catch_up.CatchUp().ok());
  EXPECT_FALSE(verifier.Verify(after).ok());
  EXPECT_TRUE(verifier.Verify(token).ok());
}

TEST_F(SigningKeysTest, IntrospectionTellsOfGoodTokensOnly) {
  DirectoryCatchUp catch_up(*database_, *directory_);
  const auth::TokenVerifier verifier("managed_identity", *directory_, clock_);
  const IntrospectionHandler introspection(catch_up, verifier);
  const auto introspect = [&](const std::string& token) {
    identity::v1::IntrospectTokenRequest request;
    request.set_token(token);
    return introspection.Introspect(Call(), request);
  };
  const std::string token = IssueToken();
  const auto good = introspect(token);
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_TRUE(good->active());
  EXPECT_EQ(good->audience(), "key_vault");
  EXPECT_EQ(good->subject(), GetIdentity("one").principal_id());
  EXPECT_EQ(good->identity(), "identities/one");
  EXPECT_EQ(good->resource(), "accounts/one");
  EXPECT_EQ(good->tenant(), "tenants/contoso");
  EXPECT_EQ(good->issuer(), kIssuer);
  EXPECT_EQ(good->issue_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(ErrorReason(introspect("").status()), "INVALID_REQUEST");
  const auto inactive = [&](const std::string& which) {
    const auto answer = introspect(which);
    return answer.ok() && answer->ByteSizeLong() == 0;
  };
  EXPECT_TRUE(inactive("x"));
  EXPECT_TRUE(inactive(token + "x"));
  EXPECT_TRUE(inactive(std::string(100'000, 'x')));
  const std::string another = IssueToken();
  ASSERT_TRUE(Revoke(Active()).ok());
  EXPECT_TRUE(inactive(another));
  const std::string last = IssueToken();
  EXPECT_FALSE(inactive(last));
  identity::v1::DisableIdentityRequest disable;
  disable.set_name("identities/one");
  ASSERT_TRUE(identities_->Disable(Call(), disable).ok());
  EXPECT_TRUE(inactive(last));
}

}  // namespace
}  // namespace keyward::managed_identity
