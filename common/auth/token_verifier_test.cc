#include "common/auth/token_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/principal_store.h"
#include "common/auth/testing/test_identities.h"
#include "common/crypto/jws.h"
#include "common/storage/testing/temporary_database.h"

namespace keyward::auth {
namespace {

using ::testing::HasSubstr;
using testing::TestIdentities;

constexpr char kPrincipal[] = "11111111-2222-3333-4444-555555555555";

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest()
      : file_(storage::testing::TemporaryDatabase::Sqlite()),
        database_(*storage::Database::Open(file_->url(), {AuthSchema()})),
        identities_(*database_, directory_, clock_),
        verifier_("key_vault", directory_, clock_) {
    identities_.SetPrincipal(kPrincipal);
  }

  TokenClaims Claims() const { return identities_.Claims(kPrincipal, "key_vault"); }

  // Why a token is refused; "" if it is not.
  std::string Refusal(const std::string& token) {
    const absl::Status status = verifier_.Verify(token).status();
    if (status.ok()) return "";
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    return std::string(status.message());
  }
  std::string Refusal(const TokenClaims& claims) { return Refusal(identities_.Sign(claims)); }

  clock::FakeClock clock_;
  std::unique_ptr<storage::testing::TemporaryDatabase> file_;
  std::unique_ptr<storage::Database> database_;
  PrincipalDirectory directory_;
  TestIdentities identities_;
  TokenVerifier verifier_;
};

TEST_F(TokenVerifierTest, GoodTokenGivesItsClaims) {
  const TokenClaims claims = Claims();
  const auto verified = verifier_.Verify(identities_.Sign(claims));
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->subject, kPrincipal);
  EXPECT_EQ(verified->tenant, "tenants/test");
  EXPECT_EQ(verified->resource, "accounts/test");
  EXPECT_EQ(verified->issued_at, claims.issued_at);
}

TEST_F(TokenVerifierTest, EachClaimCounts) {
  TokenClaims claims = Claims();
  claims.audience = "encryption";
  EXPECT_THAT(Refusal(claims), HasSubstr("audience"));
  claims = Claims();
  claims.issuer = "https://elsewhere.example";
  EXPECT_THAT(Refusal(claims), HasSubstr("issuer"));
  claims = Claims();
  claims.tenant = "tenants/other";
  EXPECT_THAT(Refusal(claims), HasSubstr("tenant"));
  claims = Claims();
  claims.resource = "accounts/other";
  EXPECT_THAT(Refusal(claims), HasSubstr("resource"));
  claims = Claims();
  claims.app_id = "identities/other";
  EXPECT_THAT(Refusal(claims), HasSubstr("identity"));
  claims = Claims();
  claims.subject = "99999999-2222-3333-4444-555555555555";
  EXPECT_THAT(Refusal(claims), HasSubstr("does not exist"));
}

TEST_F(TokenVerifierTest, TimeBoundsHoldToTheSecond) {
  TokenClaims claims = Claims();
  claims.expires = clock_.Now();
  EXPECT_THAT(Refusal(claims), HasSubstr("expired"));
  claims.expires = clock_.Now() + absl::Seconds(1);
  EXPECT_EQ(Refusal(claims), "");
  claims = Claims();
  claims.not_before = clock_.Now() + absl::Seconds(60);
  EXPECT_EQ(Refusal(claims), "") << "the issuer's clock may be a minute ahead";
  claims.not_before = clock_.Now() + absl::Seconds(61);
  EXPECT_THAT(Refusal(claims), HasSubstr("not valid before"));
  claims = Claims();
  claims.issued_at = clock_.Now() + absl::Seconds(61);
  EXPECT_THAT(Refusal(claims), HasSubstr("not valid before"));
  claims = Claims();
  claims.expires = claims.issued_at + kMaxTokenLifetime + absl::Seconds(2);
  EXPECT_THAT(Refusal(claims), HasSubstr("lives longer"));
}

TEST_F(TokenVerifierTest, TokensDieWhenTheirPrincipalChanges) {
  const std::string before = identities_.Sign(Claims());
  clock_.Advance(absl::Microseconds(1));
  identities_.SetPrincipal(kPrincipal);
  EXPECT_THAT(Refusal(before), HasSubstr("last changed"));
  EXPECT_EQ(Refusal(Claims()), "");
  identities_.SetPrincipal(kPrincipal, false);
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(Refusal(Claims()), HasSubstr("does not exist"));
}

TEST_F(TokenVerifierTest, TokensDieWhenARoleOfTheirPrincipalGoes) {
  const std::string role = identities_.Grant(kPrincipal, identity::v1::ROLE_READER, "tenants/test");
  const std::string before = identities_.Sign(Claims());
  EXPECT_EQ(Refusal(before), "");
  identities_.Revoke(role);
  EXPECT_THAT(Refusal(before), HasSubstr("last changed"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Refusal(Claims()), "");
}

// The signature of a token is checked once, and everything else each time.
TEST_F(TokenVerifierTest, AKnownTokenDiesLikeAnyOther) {
  const std::string token = identities_.Sign(Claims());
  EXPECT_EQ(Refusal(token), "");
  EXPECT_EQ(Refusal(token), "");
  clock_.Advance(absl::Microseconds(1));
  identities_.SetPrincipal(kPrincipal);
  EXPECT_THAT(Refusal(token), HasSubstr("last changed"));
  const std::string next = identities_.Sign(Claims());
  EXPECT_EQ(Refusal(next), "");
  clock_.Advance(absl::Minutes(5));
  EXPECT_THAT(Refusal(next), HasSubstr("expired"));
  const std::string last = identities_.Sign(Claims());
  EXPECT_EQ(Refusal(last), "");
  identities_.WithdrawKeys();
  EXPECT_THAT(Refusal(last), HasSubstr("no signing key"));
}

TEST_F(TokenVerifierTest, OtherKeysAndForgeriesAreRefused) {
  const auto stranger = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  EXPECT_NE(Refusal(identities_.Sign(Claims(), stranger)), "");
  const std::string token = identities_.Sign(Claims());
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  TokenClaims grander = Claims();
  grander.resource = "accounts/victim";
  const std::string forged = absl::WebSafeBase64Escape(ClaimsToJson(grander));
  EXPECT_NE(Refusal(absl::StrCat(parts[0], ".", forged, ".", parts[2])), "");
  const std::string none = absl::WebSafeBase64Escape(R"({"alg":"none","kid":"test-key"})");
  EXPECT_NE(Refusal(absl::StrCat(none, ".", parts[1], ".")), "");
  EXPECT_NE(Refusal(""), "");
  EXPECT_NE(Refusal("a.b.c"), "");
  EXPECT_NE(Refusal(absl::StrCat(token, "x")), "");
}

TEST_F(TokenVerifierTest, ReceiptsAreNoTokens) {
  const auto key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256);
  const auto receipt =
      crypto::SignJws(key, "test-key", crypto::kReceiptType, ClaimsToJson(Claims()));
  ASSERT_TRUE(receipt.ok());
  EXPECT_NE(Refusal(*receipt), "");
}

TEST(TokenClaimsTest, MissingOrOddClaimsAreRefused) {
  const std::string good = R"("iss":"i","sub":"s","oid":"s","tid":"t","appid":"a","aud":"b",)"
                           R"("xms_mirid":"r","jti":"j","iat":1.5,"nbf":1)";
  EXPECT_TRUE(ClaimsFromJson(absl::StrCat("{", good, R"(,"exp":2})")).ok());
  for (const char* exp : {"", R"(,"exp":"2")", R"(,"exp":-1)", R"(,"exp":1e300)", R"(,"exp":null)",
                          R"(,"exp":2,"exp":3)"}) {
    EXPECT_FALSE(ClaimsFromJson(absl::StrCat("{", good, exp, "}")).ok()) << exp;
  }
  EXPECT_FALSE(ClaimsFromJson(R"({"sub":"s","oid":"other"})").ok());
}

}  // namespace
}  // namespace keyward::auth
