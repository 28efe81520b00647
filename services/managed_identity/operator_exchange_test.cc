// Operators who come with the tokens of an OpenID provider.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/auth/testing/foreign_issuer.h"
#include "common/status/error.h"
#include "services/managed_identity/exchange_fixture.h"

namespace keyward::managed_identity {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

constexpr char kIssuer[] = "https://login.example";
constexpr char kCarol[] = "oidc:https://login.example#carol";

class OperatorExchangeTest : public ExchangeFixture {
 protected:
  void TrustLogin(const std::string& id, bool operators) { Trust(id, kIssuer, operators); }

  absl::StatusOr<identity::v1::RoleAssignment> Assign(const std::string& principal) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(principal);
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    request.mutable_role_assignment()->set_scope("tenants/contoso");
    return roles_->Create(Call(), request);
  }

  absl::StatusOr<identity::v1::ExchangeTokenResponse> Exchange(const json& changes = {}) {
    json claims = auth::testing::ForeignIssuer::Claims(kIssuer, clock_.Now());
    claims["sub"] = "carol";
    if (!changes.is_null()) claims.update(changes);
    return ExchangeFor(/*identity=*/"", Issuer().Sign(claims));
  }

  bool MayRead(const std::string& principal) {
    return directory_->HoldsPermission(principal, "identity.tenants.get", {"tenants/contoso"});
  }
};

TEST_F(OperatorExchangeTest, WhoHasARoleGetsATokenThatEveryServiceKnows) {
  TrustLogin("login", /*operators=*/true);
  ASSERT_TRUE(Assign(kCarol).ok());
  const auto exchanged = Exchange();
  ASSERT_TRUE(exchanged.ok()) << exchanged.status();
  EXPECT_EQ(exchanged->principal_id(), kCarol);
  EXPECT_EQ(exchanged->federated_credential(), "");
  const auto claims = Verify(exchanged->token());
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->subject, kCarol);
  // Of no tenant, so that no access policy gives it anything.
  EXPECT_EQ(claims->tenant, kIssuer);
  EXPECT_TRUE(MayRead(kCarol));
}

TEST_F(OperatorExchangeTest, WhoHasNoneIsToldByWhichNameToAskForOne) {
  TrustLogin("login", /*operators=*/true);
  const absl::Status status = Exchange().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorReason(status), "OPERATOR_UNKNOWN");
  EXPECT_THAT(std::string(status.message()), HasSubstr(kCarol));
}

TEST_F(OperatorExchangeTest, OnlyAnIssuerForOperatorsAndItsAudienceCount) {
  TrustLogin("cluster", /*operators=*/false);
  const absl::Status refused = Assign(kCarol).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(refused), "ISSUER_NOT_TRUSTED");
  EXPECT_EQ(ErrorReason(Assign("oidc:https://login.example/#carol").status()),
            "ISSUER_NOT_TRUSTED");
  for (const char* principal :
       {"oidc:", "oidc:https://login.example", "oidc:https://login.example#",
        "oidc:http://login.example#carol", "oidc:#carol", "oidc:https://login.example#ca\nrol"}) {
    EXPECT_EQ(ErrorReason(Assign(principal).status()), "INVALID_REQUEST") << principal;
  }
  EXPECT_EQ(ErrorReason(Exchange().status()), "OPERATOR_UNKNOWN");
  Distrust("cluster");
  TrustLogin("login", /*operators=*/true);
  ASSERT_TRUE(Assign(kCarol).ok());
  EXPECT_EQ(ErrorReason(Exchange({{"aud", "other"}}).status()), "AUDIENCE_MISMATCH");
  EXPECT_EQ(ErrorReason(Exchange({{"sub", "Carol"}}).status()), "OPERATOR_UNKNOWN");
}

TEST_F(OperatorExchangeTest, TokensDieWithTheRoleAndWithTheIssuersTrust) {
  TrustLogin("login", /*operators=*/true);
  const auto role = Assign(kCarol);
  ASSERT_TRUE(role.ok()) << role.status();
  std::string token = Exchange()->token();
  identity::v1::DeleteRoleAssignmentRequest remove;
  remove.set_name(role->name());
  ASSERT_TRUE(roles_->Delete(Call(), remove).ok());
  EXPECT_FALSE(Verify(token).ok());
  EXPECT_FALSE(MayRead(kCarol));

  ASSERT_TRUE(Assign(kCarol).ok());
  token = Exchange()->token();
  EXPECT_TRUE(Verify(token).ok());
  Distrust("login");
  EXPECT_FALSE(Verify(token).ok());
  EXPECT_EQ(ErrorReason(Exchange().status()), "ISSUER_NOT_TRUSTED");
  // Trusted again under another name, it is the same principal.
  TrustLogin("again", /*operators=*/true);
  EXPECT_TRUE(Verify(Exchange()->token()).ok());
  EXPECT_FALSE(Verify(token).ok());
}

TEST_F(OperatorExchangeTest, ARoleFromBeforeCountsNotWithAnIssuerThatIsNotOfOperatorsAnyMore) {
  TrustLogin("login", /*operators=*/true);
  ASSERT_TRUE(Assign(kCarol).ok());
  ASSERT_TRUE(Exchange().ok());
  Distrust("login");
  TrustLogin("login", /*operators=*/false);
  const absl::Status status = Exchange().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorReason(status), "OPERATOR_UNKNOWN");
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"operators\": true"));
}

TEST_F(OperatorExchangeTest, DistrustingTheIssuerListsWhomItNoLongerLetsIn) {
  TrustLogin("login", /*operators=*/true);
  ASSERT_TRUE(Assign(kCarol).ok());
  const auto former = Assign("oidc:https://login.example#dan");
  ASSERT_TRUE(former.ok()) << former.status();
  identity::v1::DeleteRoleAssignmentRequest remove;
  remove.set_name(former->name());
  ASSERT_TRUE(roles_->Delete(Call(), remove).ok());
  Trust("other", "https://other.example", /*operators=*/true);
  ASSERT_TRUE(Assign("oidc:https://other.example#carol").ok());
  const std::string token = Exchange()->token();
  identity::v1::DeleteTrustedIssuerRequest request;
  request.set_name("trustedIssuers/login");
  for (const bool validate_only : {true, false}) {
    SCOPED_TRACE(validate_only);
    request.set_validate_only(validate_only);
    const server::CallContext call = Call();
    const auto answer = issuers_.Delete(call, request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_THAT(answer->operators(), ::testing::ElementsAre(kCarol));
    EXPECT_EQ(answer->operator_count(), 1);
    EXPECT_EQ(Verify(token).ok(), validate_only);
    EXPECT_EQ(call.Notes().count("operators"), validate_only ? 0u : 1u);
  }
}

TEST_F(OperatorExchangeTest, OfManyOperatorsTheFirstHundredAreNamedAndAllAreCounted) {
  TrustLogin("login", /*operators=*/true);
  for (int i = 0; i < 101; ++i) ASSERT_TRUE(Assign(absl::StrCat(kCarol, i)).ok());
  identity::v1::DeleteTrustedIssuerRequest request;
  request.set_name("trustedIssuers/login");
  request.set_validate_only(true);
  const auto answer = issuers_.Delete(Call(), request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->operators_size(), 100);
  EXPECT_EQ(answer->operator_count(), 101);
}

}  // namespace
}  // namespace keyward::managed_identity
