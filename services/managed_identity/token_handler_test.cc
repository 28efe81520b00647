#include "services/managed_identity/token_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <algorithm>
#include <memory>

#include "common/auth/jwk.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/jws.h"
#include "common/status/error.h"
#include "services/managed_identity/attachment_handler.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/testing/following_verifier.h"

namespace keyward::managed_identity {
namespace {

using testing::FollowingVerifier;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TokenHandlerTest : public HandlerFixture {
 protected:
  TokenHandlerTest() : root_key_(MakeRootKey("root.key")), vault_("key_vault", clock_) {
    StartSigner();
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
  }

  static std::unique_ptr<crypto::FileRootKey> MakeRootKey(const std::string& name) {
    const std::string path = ::testing::TempDir() + "/" + name;
    remove(path.c_str());
    return *crypto::FileRootKey::LoadOrCreate(path);
  }

  void StartSigner() {
    succession_ = std::make_unique<KeySuccession>(*root_key_);
    auto signer = TokenSigner::Open(*changes_, *succession_, *root_key_, "https://issuer.test");
    ASSERT_TRUE(signer.ok()) << signer.status();
    signer_ = *std::move(signer);
    tokens_ = std::make_unique<TokenHandler>(*changes_, *signer_, clock_);
  }

  absl::StatusOr<identity::v1::IssueTokenResponse> Issue(
      const std::string& id, const std::string& audience = "key_vault",
      absl::Duration lifetime = absl::Minutes(1)) {
    identity::v1::IssueTokenRequest request;
    request.set_identity("identities/" + id);
    request.set_audience(audience);
    request.mutable_lifetime()->set_seconds(absl::ToInt64Seconds(lifetime));
    return tokens_->Issue(Call(), request);
  }

  std::string IssueToken(const std::string& id, const std::string& audience = "key_vault") {
    const auto issued = Issue(id, audience);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? issued->token() : "";
  }

  // What the vault, having followed the feed so far, thinks of a token.
  absl::Status VerifyAtVault(const std::string& token) {
    vault_.Follow(Events());
    return vault_.Verify(token).status();
  }

  void Disable(const std::string& id) {
    identity::v1::DisableIdentityRequest request;
    request.set_name("identities/" + id);
    ASSERT_TRUE(identities_->Disable(Call(), request).ok());
  }

  std::unique_ptr<crypto::FileRootKey> root_key_;
  std::unique_ptr<KeySuccession> succession_;
  std::unique_ptr<TokenSigner> signer_;
  std::unique_ptr<TokenHandler> tokens_;
  FollowingVerifier vault_;
};

TEST_F(TokenHandlerTest, TokenSaysWhoItIsAndVerifiesFromTheFeedAlone) {
  const identity::v1::Identity identity = MakeEnabledIdentity("one", "prod");
  const auto issued = Issue("one");
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->principal_id(), identity.principal_id());
  vault_.Follow(Events());
  const auto claims = vault_.Verify(issued->token());
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->issuer, "https://issuer.test");
  EXPECT_EQ(claims->subject, identity.principal_id());
  EXPECT_EQ(claims->audience, "key_vault");
  EXPECT_EQ(claims->tenant, "tenants/contoso");
  EXPECT_EQ(claims->app_id, "identities/one");
  EXPECT_EQ(claims->resource, "accounts/one");
  EXPECT_EQ(claims->expires, clock_.Now() + absl::Minutes(1));
  EXPECT_EQ(issued->expire_time().seconds(), absl::ToUnixSeconds(claims->expires));
  EXPECT_NE(claims->id, vault_.Verify(IssueToken("one"))->id);
}

TEST_F(TokenHandlerTest, TokenOfAnotherAudienceIsRefused) {
  MakeEnabledIdentity("one", "prod");
  EXPECT_EQ(VerifyAtVault(IssueToken("one", "encryption")).code(),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(TokenHandlerTest, ExpiredTokenIsRefused) {
  MakeEnabledIdentity("one", "prod");
  const std::string token = IssueToken("one");
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(VerifyAtVault(token).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(TokenHandlerTest, TokensDieWithTheirPrincipal) {
  MakeEnabledIdentity("one", "prod");
  const std::string token = IssueToken("one");
  EXPECT_TRUE(VerifyAtVault(token).ok());
  Disable("one");
  EXPECT_THAT(std::string(VerifyAtVault(token).message()), HasSubstr("does not exist"));
  // A new principal does not bring them back.
  EnableIdentity("one");
  EXPECT_FALSE(VerifyAtVault(token).ok());
  EXPECT_TRUE(VerifyAtVault(IssueToken("one")).ok());
}

TEST_F(TokenHandlerTest, TokensDieWhenTheSubscriptionMoves) {
  MakeTenant("fabrikam");
  MakeEnabledIdentity("one", "prod");
  const std::string token = IssueToken("one");
  identity::v1::MoveSubscriptionRequest move;
  move.set_name("subscriptions/prod");
  move.set_destination_tenant("tenants/fabrikam");
  ASSERT_TRUE(subscriptions_->Move(Call(), move).ok());
  EXPECT_FALSE(VerifyAtVault(token).ok());
  EXPECT_EQ(ErrorReason(Issue("one").status()), "IDENTITY_DISABLED");
}

TEST_F(TokenHandlerTest, LosingARoleKillsTokensIssuedBeforeAndNoneIssuedAfter) {
  const std::string principal = MakeEnabledIdentity("one", "prod").principal_id();
  for (int i = 0; i < 3; ++i) {
    identity::v1::CreateRoleAssignmentRequest create;
    create.mutable_role_assignment()->set_principal(principal);
    create.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    create.mutable_role_assignment()->set_scope("/");
    const auto made = roles_->Create(Call(), create);
    ASSERT_TRUE(made.ok()) << made.status();
    // All at the same moment: the clock stands.
    const std::string before = IssueToken("one");
    EXPECT_TRUE(VerifyAtVault(before).ok());
    identity::v1::DeleteRoleAssignmentRequest remove;
    remove.set_name(made->name());
    ASSERT_TRUE(roles_->Delete(Call(), remove).ok());
    EXPECT_FALSE(VerifyAtVault(before).ok());
    EXPECT_TRUE(VerifyAtVault(IssueToken("one")).ok());
  }
}

TEST_F(TokenHandlerTest, IssuingIsRefused) {
  MakeIdentity("off", "prod");
  MakeEnabledIdentity("one", "prod");
  MakeEnabledIdentity("gone", "prod");
  identity::v1::DeleteIdentityRequest remove;
  remove.set_name("identities/gone");
  ASSERT_TRUE(identities_->Delete(Call(), remove).ok());
  const struct {
    const char *id, *audience;
    absl::Duration lifetime;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {"none", "key_vault", absl::Minutes(1), absl::StatusCode::kNotFound, "IDENTITY_NOT_FOUND"},
      {"off", "key_vault", absl::Minutes(1), absl::StatusCode::kFailedPrecondition,
       "IDENTITY_DISABLED"},
      {"gone", "key_vault", absl::Minutes(1), absl::StatusCode::kFailedPrecondition,
       "IDENTITY_DELETED"},
      {"one", "", absl::Minutes(1), absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"one", "the_world", absl::Minutes(1), absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"one", "key_vault", absl::Seconds(0), absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {"one", "key_vault", absl::Seconds(601), absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"one", "key_vault", absl::Seconds(-1), absl::StatusCode::kInvalidArgument,
       "INVALID_REQUEST"},
      {"", "key_vault", absl::Minutes(1), absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
  };
  for (const auto& c : cases) {
    const absl::Status status = Issue(c.id, c.audience, c.lifetime).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(ErrorReason(status), c.reason);
  }
}

TEST_F(TokenHandlerTest, AServiceGetsTokensForAnAccountAsTheIdentityItActsAs) {
  MakeEnabledIdentity("one", "prod");
  MakeEnabledIdentity("two", "prod");
  const AttachmentHandler attachments(*changes_);
  for (const char* id : {"shared", "spare"}) {
    identity::v1::CreateUserAssignedIdentityRequest create;
    create.set_identity_id(id);
    create.set_subscription("subscriptions/prod");
    ASSERT_TRUE(attachments.CreateUserAssigned(Call(), create).ok());
  }
  identity::v1::AttachIdentityRequest attach;
  attach.set_name("identities/shared");
  attach.set_resource("accounts/one");
  ASSERT_TRUE(attachments.Attach(Call(), attach).ok());
  server::CallContext encryption = Call();
  encryption.caller.kind = auth::Caller::Kind::kService;
  const struct {
    const char *identity, *resource, *audience, *reason;
  } cases[] = {
      {"identities/one", "accounts/one", "key_vault", ""},
      {"identities/shared", "accounts/one", "key_vault", ""},
      {"identities/one", "accounts/one", "managed_identity", "INVALID_REQUEST"},
      {"identities/one", "", "key_vault", "INVALID_REQUEST"},
      {"identities/shared", "", "key_vault", "INVALID_REQUEST"},
      {"identities/shared", "identities/shared", "key_vault", "INVALID_REQUEST"},
      {"identities/one", "accounts/two", "key_vault", "IDENTITY_NOT_ATTACHED"},
      {"identities/spare", "accounts/one", "key_vault", "IDENTITY_NOT_ATTACHED"},
      {"identities/one", "accounts/nobody", "key_vault", "RESOURCE_UNKNOWN"},
  };
  for (const auto& c : cases) {
    identity::v1::IssueTokenRequest request;
    request.set_identity(c.identity);
    request.set_resource(c.resource);
    request.set_audience(c.audience);
    const absl::Status status = tokens_->Issue(encryption, request).status();
    EXPECT_EQ(ErrorReason(status), c.reason) << c.identity << " for " << c.resource << status;
    EXPECT_EQ(status.ok(), *c.reason == 0);
  }
}

TEST_F(TokenHandlerTest, LifetimeIsRoundedToASecondButNeverOverTheLongest) {
  MakeEnabledIdentity("one", "prod");
  clock_.Advance(absl::Milliseconds(250));
  for (const int seconds : {1, 60, 600}) {
    const auto issued = Issue("one", "key_vault", absl::Seconds(seconds));
    ASSERT_TRUE(issued.ok()) << issued.status();
    vault_.Follow(Events());
    const auto claims = vault_.Verify(issued->token());
    ASSERT_TRUE(claims.ok()) << claims.status();
    EXPECT_LE(claims->expires - claims->issued_at, absl::Minutes(10));
    EXPECT_GE(claims->expires - claims->issued_at, absl::Seconds(std::min(seconds, 599)));
    EXPECT_EQ(issued->expire_time().seconds(), absl::ToUnixSeconds(claims->expires));
  }
}

TEST_F(TokenHandlerTest, AuditLearnsTheTokensIdAndNeverTheToken) {
  MakeEnabledIdentity("one", "prod");
  identity::v1::IssueTokenRequest request;
  request.set_identity("identities/one");
  request.set_audience("key_vault");
  const server::CallContext call = Call();
  const auto issued = tokens_->Issue(call, request);
  ASSERT_TRUE(issued.ok()) << issued.status();
  vault_.Follow(Events());
  EXPECT_EQ(call.Notes().at("token_id"), vault_.Verify(issued->token())->id);
  for (const auto& [key, value] : call.Notes()) {
    EXPECT_EQ(value.find(issued->token()), std::string::npos) << key;
  }
}

TEST_F(TokenHandlerTest, RestartKeepsTheKeyAndItsTokens) {
  MakeEnabledIdentity("one", "prod");
  const std::string token = IssueToken("one");
  const auto keys = tokens_->GetSigningKeys();
  ASSERT_TRUE(keys.ok()) << keys.status();
  tokens_ = nullptr;
  signer_ = nullptr;
  Restart();
  StartSigner();
  EXPECT_EQ(tokens_->GetSigningKeys()->ShortDebugString(), keys->ShortDebugString());
  EXPECT_TRUE(VerifyAtVault(token).ok());
  EXPECT_TRUE(VerifyAtVault(IssueToken("one")).ok());
  int published = 0;
  for (const std::string& line : EventLines())
    published += line == "SigningKeysChanged signingKeys";
  EXPECT_EQ(published, 1);
}

TEST_F(TokenHandlerTest, AnotherRootKeyIsRefusedAtTheStart) {
  const auto other = MakeRootKey("other.key");
  const absl::Status status =
      TokenSigner::Open(*changes_, *succession_, *other, "https://issuer.test").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("start with the root key"));
}

TEST_F(TokenHandlerTest, PublishedKeysVerifyTheSignature) {
  MakeEnabledIdentity("one", "prod");
  const std::string token = IssueToken("one");
  const auto published = tokens_->GetSigningKeys();
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_EQ(published->keys_size(), 2) << "the one that signs and the next one";
  const auto find_key = [&](absl::string_view key_id) {
    for (const identity::v1::SigningKey& key : published->keys()) {
      if (key.key_id() == key_id) return auth::FromJwk(key.jwk(), key_id);
    }
    return absl::StatusOr<crypto::EcPublicKey>(absl::NotFoundError(key_id));
  };
  EXPECT_TRUE(crypto::VerifyJws(token, crypto::kTokenType, find_key).ok());
}

}  // namespace
}  // namespace keyward::managed_identity
