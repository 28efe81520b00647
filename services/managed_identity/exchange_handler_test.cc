#include "services/managed_identity/exchange_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/testing/foreign_issuer.h"
#include "common/status/error.h"
#include "services/managed_identity/credential_handler.h"
#include "services/managed_identity/exchange_fixture.h"

namespace keyward::managed_identity {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIssuer[] = "https://cluster.example";
constexpr char kSubject[] = "system:serviceaccount:shop:checkout";

class ExchangeHandlerTest : public ExchangeFixture {
 protected:
  ExchangeHandlerTest() {
    MakeSubscription("prod", "contoso");
    MakeEnabledIdentity("one", "prod");
    Trust("cluster", kIssuer);
    AddCredential("one", "checkout", kIssuer, kSubject);
  }

  static const auth::testing::ForeignIssuer& Cluster() { return Issuer(); }

  void AddCredential(const std::string& identity, const std::string& id, const std::string& issuer,
                     const std::string& subject) {
    identity::v1::CreateFederatedCredentialRequest request;
    request.set_parent("identities/" + identity);
    request.set_federated_credential_id(id);
    request.mutable_federated_credential()->set_issuer(issuer);
    request.mutable_federated_credential()->set_subject(subject);
    request.mutable_federated_credential()->add_audiences("keyward");
    const auto made = CredentialHandler(*changes_).Create(Call(), request);
    ASSERT_TRUE(made.ok()) << made.status();
  }

  void RemoveCredential(const std::string& name) {
    identity::v1::DeleteFederatedCredentialRequest request;
    request.set_name(name);
    const auto gone = CredentialHandler(*changes_).Delete(Call(), request);
    ASSERT_TRUE(gone.ok()) << gone.status();
  }

  json Claims() { return auth::testing::ForeignIssuer::Claims(kIssuer, clock_.Now()); }
  json ClaimsWith(const char* name, const json& value) {
    json claims = Claims();
    claims[name] = value;
    return claims;
  }

  absl::StatusOr<identity::v1::ExchangeTokenResponse> Exchange(const std::string& subject_token,
                                                               const std::string& id = "one") {
    return ExchangeFor("identities/" + id, subject_token);
  }

  std::string Token() {
    const auto exchanged = Exchange(Cluster().Sign(Claims()));
    EXPECT_TRUE(exchanged.ok()) << exchanged.status();
    return exchanged.ok() ? exchanged->token() : "";
  }

  // The exchange must fail so, and say `what`.
  void ExpectRefused(const absl::Status& status, absl::StatusCode code, const std::string& reason,
                     const std::string& what) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(ErrorReason(status), reason) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(what));
  }
};

TEST_F(ExchangeHandlerTest, KeysThatWereHadAnotherWayDoNotCount) {
  const auto update = [this](const char* jwks_uri) {
    identity::v1::UpdateTrustedIssuerRequest request;
    request.mutable_trusted_issuer()->set_name("trustedIssuers/cluster");
    request.mutable_trusted_issuer()->set_jwks_uri(jwks_uri);
    request.mutable_update_mask()->add_paths("jwks_uri");
    EXPECT_TRUE(issuers_.Update(Call(), request).ok());
  };
  // While the old ones are on their way, and after they came.
  on_fetch_ = [&] { update("https://cluster.example/other"); };
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kUnavailable,
                "ISSUER_UNREACHABLE", "changed just now");
  on_fetch_ = nullptr;
  EXPECT_TRUE(Exchange(Cluster().Sign(Claims())).ok());
  update("https://cluster.example/third");
  outage_ = absl::UnavailableError("nobody answers there");
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kUnavailable,
                "ISSUER_UNREACHABLE", "nobody answers there");
}

TEST_F(ExchangeHandlerTest, AnIssuerThatIsDistrustedWhileItsKeysAreOnTheirWayLetsNobodyIn) {
  const auto refused = [this](std::function<void()> meanwhile) {
    on_fetch_ = std::move(meanwhile);
    ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kPermissionDenied,
                  "ISSUER_NOT_TRUSTED", kIssuer);
    on_fetch_ = nullptr;
  };
  refused([this] {
    Distrust("cluster");
    clock_.Advance(absl::Seconds(1));
    Trust("cluster", kIssuer);
  });
  EXPECT_TRUE(Exchange(Cluster().Sign(Claims())).ok());
  clock_.Advance(IssuerKeys::kLongestUse);
  refused([this] { Distrust("cluster"); });
}

TEST_F(ExchangeHandlerTest, AClustersTokenBecomesOneOfTheIdentity) {
  for (const char* key : {"rsa", "ec"}) {
    const auto exchanged = Exchange(Cluster().Sign(Claims(), key));
    ASSERT_TRUE(exchanged.ok()) << exchanged.status();
    EXPECT_EQ(exchanged->federated_credential(), "identities/one/federatedCredentials/checkout");
    EXPECT_EQ(exchanged->principal_id(), GetIdentity("one").principal_id());
    const auto claims = Verify(exchanged->token());
    ASSERT_TRUE(claims.ok()) << claims.status();
    EXPECT_EQ(claims->subject, exchanged->principal_id());
    EXPECT_EQ(claims->resource, "accounts/one");
  }
  identity::v1::GetFederatedCredentialRequest get;
  get.set_name("identities/one/federatedCredentials/checkout");
  EXPECT_EQ(CredentialHandler(*changes_).Get(get)->last_use_time().seconds(),
            absl::ToUnixSeconds(clock_.Now()));
}

TEST_F(ExchangeHandlerTest, TheNewTokenDoesNotOutliveTheOldOne) {
  const auto exchanged =
      Exchange(Cluster().Sign(ClaimsWith("exp", absl::ToUnixSeconds(clock_.Now()) + 90)));
  ASSERT_TRUE(exchanged.ok()) << exchanged.status();
  EXPECT_EQ(exchanged->expire_time().seconds(), absl::ToUnixSeconds(clock_.Now()) + 90);
}

TEST_F(ExchangeHandlerTest, WhatDoesNotVerifyIsNotAuthenticated) {
  const json good = {{"alg", "RS256"}, {"kid", "rsa"}, {"typ", "JWT"}};
  const auto with = [&](const char* name, const json& value) {
    json header = good;
    header[name] = value;
    return Cluster().Sign(Claims(), "rsa", header);
  };
  const std::string token = Cluster().Sign(Claims());
  std::string unsigned_token = with("alg", "none");
  unsigned_token.resize(unsigned_token.rfind('.') + 1);
  std::string forged = Cluster().Sign(ClaimsWith("sub", "system:serviceaccount:shop:admin"));
  forged = forged.substr(0, forged.rfind('.')) + token.substr(token.rfind('.'));
  json without_subject = Claims();
  without_subject.erase("sub");
  struct Case {
    const char* name;
    std::string token;
    std::string reason;
    std::string what;
  };
  for (const Case& c : std::vector<Case>{
           {"none", unsigned_token, "SUBJECT_TOKEN_INVALID", "alg is none of"},
           {"HS256", with("alg", "HS256"), "SUBJECT_TOKEN_INVALID", "alg is none of"},
           {"other type", with("alg", "ES256"), "SUBJECT_TOKEN_INVALID", "not for the header's"},
           {"wrong kid", with("kid", "other"), "SUBJECT_TOKEN_KEY_UNKNOWN", "\"other\""},
           {"crit", with("crit", {"exp"}), "SUBJECT_TOKEN_INVALID", "crit"},
           {"forged", forged, "SUBJECT_TOKEN_INVALID", "signature is not the issuer's"},
           {"no sub", Cluster().Sign(without_subject), "SUBJECT_TOKEN_INVALID", "'sub'"},
           {"oversized", Cluster().Sign(ClaimsWith("x", std::string(20000, 'x'))),
            "SUBJECT_TOKEN_INVALID", "16 KiB"},
           {"expired", Cluster().Sign(ClaimsWith("exp", absl::ToUnixSeconds(clock_.Now()))),
            "SUBJECT_TOKEN_EXPIRED", "expired at"},
           {"not yet", Cluster().Sign(ClaimsWith("nbf", absl::ToUnixSeconds(clock_.Now()) + 61)),
            "SUBJECT_TOKEN_NOT_YET_VALID", "not valid before"},
           {"empty", "", "SUBJECT_TOKEN_INVALID", "three parts"}}) {
    SCOPED_TRACE(c.name);
    ExpectRefused(Exchange(c.token).status(), absl::StatusCode::kUnauthenticated, c.reason, c.what);
  }
}

TEST_F(ExchangeHandlerTest, AKeyIdThatIsPublishedTwiceVerifiesNothing) {
  json keys = {{"keys", {Cluster().Jwk("rsa"), Cluster().Jwk("rsa"), Cluster().Jwk("ec")}}};
  jwk_set_ = keys.dump();
  ExpectRefused(Exchange(Cluster().Sign(Claims(), "rsa")).status(),
                absl::StatusCode::kUnauthenticated, "SUBJECT_TOKEN_INVALID", "more than one key");
  EXPECT_TRUE(Exchange(Cluster().Sign(Claims(), "ec")).ok());
}

TEST_F(ExchangeHandlerTest, WhatDoesNotMatchIsNamed) {
  constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
  const auto refused = [&](const char* claim, const json& value) {
    return Exchange(Cluster().Sign(ClaimsWith(claim, value))).status();
  };
  ExpectRefused(refused("iss", "https://cluster.example/"), kDenied, "ISSUER_NOT_TRUSTED",
                "slash at the end");
  ExpectRefused(refused("iss", "https://evil.example"), kDenied, "ISSUER_NOT_TRUSTED",
                "https://evil.example");
  ExpectRefused(refused("sub", "system:serviceaccount:shop:Checkout"), kDenied, "SUBJECT_MISMATCH",
                "system:serviceaccount:shop:Checkout");
  for (const json& audiences : {json("https://kubernetes.default.svc"), json({"keyward", "other"}),
                                json("Keyward"), json({"keyward", "keyward"})}) {
    ExpectRefused(refused("aud", audiences), kDenied, "AUDIENCE_MISMATCH", "\"keyward\"");
  }
  Trust("slash", "https://cluster.example/");
  ExpectRefused(refused("iss", "https://cluster.example/"), kDenied, "ISSUER_MISMATCH",
                "slash at the end");
  // An identity that has no credential and one that does not exist look alike.
  MakeEnabledIdentity("two", "prod");
  const absl::Status none = Exchange(Cluster().Sign(Claims()), "two").status();
  ExpectRefused(none, kDenied, "ISSUER_MISMATCH", "identities/two");
  const absl::Status nobody = Exchange(Cluster().Sign(Claims()), "six").status();
  EXPECT_EQ(std::string(nobody.message()).replace(nobody.message().find("six"), 3, "two"),
            none.message());
}

TEST_F(ExchangeHandlerTest, NothingOfOursIsToldBeforeTheTokenVerifies) {
  json claims = ClaimsWith("sub", "somebody");
  const absl::Status status =
      Exchange(Cluster().Sign(claims, "ec", {{"alg", "RS256"}, {"kid", "rsa"}})).status();
  EXPECT_EQ(ErrorReason(status), "SUBJECT_TOKEN_INVALID");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("identities/")));
}

TEST_F(ExchangeHandlerTest, AnIssuerThatDoesNotAnswerDeniesNothing) {
  outage_ = absl::UnavailableError("nobody answers there");
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kUnavailable,
                "ISSUER_UNREACHABLE", "nobody answers there");
  outage_ = absl::OkStatus();
  clock_.Advance(IssuerKeys::kShortestInterval);
  EXPECT_TRUE(Exchange(Cluster().Sign(Claims())).ok());
}

TEST_F(ExchangeHandlerTest, DeletingTheCredentialKillsItsTokensAtOnce) {
  AddCredential("one", "backup", kIssuer, "system:serviceaccount:shop:backup");
  const std::string token = Token();
  EXPECT_TRUE(Verify(token).ok());
  RemoveCredential("identities/one/federatedCredentials/checkout");
  EXPECT_THAT(std::string(Verify(token).status().message()), HasSubstr("issued before"));
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kPermissionDenied,
                "SUBJECT_MISMATCH", kSubject);
  // The identity itself, and its other credential, go on.
  const auto other =
      Exchange(Cluster().Sign(ClaimsWith("sub", "system:serviceaccount:shop:backup")));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(Verify(other->token()).ok());
}

TEST_F(ExchangeHandlerTest, TheMarkLiesAboveTokensThatTheClockPutsLater) {
  clock_.Advance(absl::Seconds(5));
  const std::string token = Token();
  // The deletion takes its time from a clock that is behind the one of the exchange.
  clock_.SetWall(clock_.Now() - absl::Seconds(5));
  RemoveCredential("identities/one/federatedCredentials/checkout");
  EXPECT_FALSE(Verify(token).ok());
}

TEST_F(ExchangeHandlerTest, AnIssuerThatIsDistrustedTakesItsTokensAlong) {
  MakeEnabledIdentity("two", "prod");
  AddCredential("two", "checkout", kIssuer, kSubject);
  const std::string token = Token();
  const std::string second = Exchange(Cluster().Sign(Claims()), "two")->token();
  Distrust("cluster");
  EXPECT_FALSE(Verify(token).ok());
  EXPECT_FALSE(Verify(second).ok());
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kPermissionDenied,
                "ISSUER_NOT_TRUSTED", kIssuer);
  Trust("again", kIssuer);
  EXPECT_TRUE(Verify(Token()).ok());
  EXPECT_FALSE(Verify(token).ok());
}

TEST_F(ExchangeHandlerTest, ADisabledIdentityIsToldToItsWorkloadAlone) {
  const std::string token = Token();
  identity::v1::DisableIdentityRequest disable;
  disable.set_name("identities/one");
  ASSERT_TRUE(identities_->Disable(Call(), disable).ok());
  EXPECT_FALSE(Verify(token).ok());
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kFailedPrecondition,
                "IDENTITY_DISABLED", "EnableIdentity");
  ExpectRefused(Exchange(Cluster().Sign(ClaimsWith("sub", "other"))).status(),
                absl::StatusCode::kPermissionDenied, "SUBJECT_MISMATCH", "other");
}

TEST_F(ExchangeHandlerTest, CredentialsDoNotCrossTenants) {
  MakeTenant("fabrikam");
  identity::v1::MoveSubscriptionRequest move;
  move.set_name("subscriptions/prod");
  move.set_destination_tenant("tenants/fabrikam");
  ASSERT_TRUE(subscriptions_->Move(Call(), move).ok());
  EnableIdentity("one");
  ExpectRefused(Exchange(Cluster().Sign(Claims())).status(), absl::StatusCode::kPermissionDenied,
                "ISSUER_MISMATCH", "identities/one");
}

}  // namespace
}  // namespace keyward::managed_identity
