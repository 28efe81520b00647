#include "common/auth/foreign_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/foreign_keys.h"
#include "common/auth/testing/foreign_issuer.h"

namespace keyward::auth {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Verdict = ForeignKeys::Verdict;

constexpr char kIssuer[] = "https://cluster.example";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

const testing::ForeignIssuer& Issuer() {
  static const auto* const issuer = new testing::ForeignIssuer();
  return *issuer;
}

json Claims() { return testing::ForeignIssuer::Claims(kIssuer, kNow); }

std::string JwkSet(const std::vector<json>& keys) {
  json set;
  set["keys"] = keys;
  return set.dump();
}

ForeignKeys Keys(const std::vector<json>& keys) {
  const auto parsed = ForeignKeys::Parse(JwkSet(keys));
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *parsed;
}

Verdict Judge(const ForeignKeys& keys, const std::string& compact) {
  const auto token = ParseForeignToken(compact);
  EXPECT_TRUE(token.ok()) << token.status();
  return keys.Verify(token->key_id, token->algorithm, token->signing_input, token->signature);
}

std::string WithHeader(json header, const std::string& key_id = "rsa") {
  return Issuer().Sign(Claims(), key_id, header);
}

TEST(ForeignTokenTest, WhatAClusterIssuesIsRead) {
  const auto token = ParseForeignToken(Issuer().Sign(Claims()));
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->issuer, kIssuer);
  EXPECT_EQ(token->subject, "system:serviceaccount:shop:checkout");
  EXPECT_THAT(token->audiences, ElementsAre("keyward"));
  EXPECT_FALSE(token->ExpiredAt(kNow));
  EXPECT_FALSE(token->NotYetValidAt(kNow));
  json one_audience = Claims();
  one_audience["aud"] = "keyward";
  EXPECT_THAT(ParseForeignToken(Issuer().Sign(one_audience))->audiences, ElementsAre("keyward"));
}

TEST(ForeignTokenTest, TimesCountWithAMinuteOfSkewButNoneForTheExpiry) {
  json claims = Claims();
  claims["exp"] = absl::ToUnixSeconds(kNow);
  EXPECT_TRUE(ParseForeignToken(Issuer().Sign(claims))->ExpiredAt(kNow));
  EXPECT_FALSE(ParseForeignToken(Issuer().Sign(claims))->ExpiredAt(kNow - absl::Seconds(1)));
  for (const char* name : {"nbf", "iat"}) {
    claims = Claims();
    claims[name] = absl::ToUnixSeconds(kNow + absl::Seconds(61));
    EXPECT_TRUE(ParseForeignToken(Issuer().Sign(claims))->NotYetValidAt(kNow)) << name;
    claims[name] = absl::ToUnixSeconds(kNow + absl::Seconds(60));
    EXPECT_FALSE(ParseForeignToken(Issuer().Sign(claims))->NotYetValidAt(kNow)) << name;
    claims.erase(name);
    EXPECT_TRUE(ParseForeignToken(Issuer().Sign(claims)).ok()) << name;
  }
}

TEST(ForeignTokenTest, MissingAndMistypedClaimsAreRefused) {
  for (const char* name : {"iss", "sub", "aud", "exp"}) {
    json claims = Claims();
    claims.erase(name);
    EXPECT_THAT(ParseForeignToken(Issuer().Sign(claims)).status().message(), HasSubstr(name));
    for (const json& value : {json(""), json(nullptr), json(json::object()), json(-1), json({1}),
                              json(json::array()), json({"a", 1}), json(1e300)}) {
      claims[name] = value;
      EXPECT_FALSE(ParseForeignToken(Issuer().Sign(claims)).ok()) << name << " " << value;
    }
  }
  json claims = Claims();
  claims["nbf"] = "soon";
  EXPECT_FALSE(ParseForeignToken(Issuer().Sign(claims)).ok());
  claims = Claims();
  claims["aud"] = std::vector<std::string>(17, "keyward");
  EXPECT_FALSE(ParseForeignToken(Issuer().Sign(claims)).ok());
}

TEST(ForeignTokenTest, HeadersThatCouldChangeWhoIsBelievedAreRefused) {
  for (const json& header :
       std::vector<json>{{{"alg", "none"}, {"kid", "rsa"}},
                         {{"alg", "HS256"}, {"kid", "rsa"}},
                         {{"alg", "rs256"}, {"kid", "rsa"}},
                         {{"alg", "RS1"}, {"kid", "rsa"}},
                         {{"kid", "rsa"}},
                         {{"alg", "RS256"}},
                         {{"alg", "RS256"}, {"kid", ""}},
                         {{"alg", "RS256"}, {"kid", 7}},
                         {{"alg", "RS256"}, {"kid", "rsa"}, {"typ", "logout+jwt"}},
                         {{"alg", "RS256"}, {"kid", "rsa"}, {"typ", 1}},
                         {{"alg", "RS256"}, {"kid", "rsa"}, {"crit", {"b64"}}}}) {
    EXPECT_FALSE(ParseForeignToken(WithHeader(header)).ok()) << header;
  }
  // A key that comes along is not looked at: this one would verify.
  const std::string own = WithHeader(
      {{"alg", "ES256"}, {"kid", "mine"}, {"jwk", Issuer().Jwk("ec")}, {"jku", "https://evil"}},
      "ec");
  EXPECT_EQ(Judge(Keys({Issuer().Jwk("rsa")}), own), Verdict::kUnknownKey);
}

TEST(ForeignTokenTest, OtherSpellingsAndSizesAreRefused) {
  const std::string token = Issuer().Sign(Claims());
  for (const std::string& spelling :
       {token + "=", token + ".", "." + token, token.substr(0, token.rfind('.')), token + " ",
        std::string(), std::string(".."), absl::StrCat("a", token)}) {
    EXPECT_FALSE(ParseForeignToken(spelling).ok()) << spelling;
  }
  json claims = Claims();
  claims["padding"] = std::string(kMaxForeignTokenSize, 'x');
  EXPECT_THAT(ParseForeignToken(Issuer().Sign(claims)).status().message(), HasSubstr("16 KiB"));
  EXPECT_FALSE(ParseForeignToken(absl::StrCat(absl::WebSafeBase64Escape(
                                                  R"({"alg":"RS256","alg":"none","kid":"rsa"})"),
                                              token.substr(token.find('.'))))
                   .ok());
}

TEST(ForeignKeysTest, BothTypesVerifyUnderTheirOwnAlgorithmOnly) {
  const ForeignKeys keys = Keys({Issuer().Jwk("rsa"), Issuer().Jwk("ec")});
  EXPECT_EQ(Judge(keys, Issuer().Sign(Claims(), "rsa")), Verdict::kValid);
  EXPECT_EQ(Judge(keys, Issuer().Sign(Claims(), "ec")), Verdict::kValid);
  std::string spoilt = Issuer().Sign(Claims(), "ec");
  char& first = spoilt[spoilt.rfind('.') + 1];
  first = first == 'A' ? 'B' : 'A';
  EXPECT_EQ(Judge(keys, spoilt), Verdict::kBadSignature);
  // Signed with one key and said to be another's.
  EXPECT_EQ(Judge(keys, WithHeader({{"alg", "RS256"}, {"kid", "ec"}})), Verdict::kWrongAlgorithm);
  EXPECT_EQ(Judge(keys, WithHeader({{"alg", "ES256"}, {"kid", "rsa"}}, "ec")),
            Verdict::kWrongAlgorithm);
  EXPECT_EQ(Judge(keys, WithHeader({{"alg", "ES384"}, {"kid", "ec"}}, "ec")),
            Verdict::kWrongAlgorithm);
  // Its owner said RS256.
  EXPECT_EQ(Judge(keys, WithHeader({{"alg", "PS256"}, {"kid", "rsa"}})), Verdict::kWrongAlgorithm);
  json any = Issuer().Jwk("rsa");
  any.erase("alg");
  EXPECT_EQ(Judge(Keys({any}), WithHeader({{"alg", "PS256"}, {"kid", "rsa"}})), Verdict::kValid);
  EXPECT_EQ(Judge(Keys({any}), WithHeader({{"alg", "RS256"}, {"kid", "rsa"}})), Verdict::kValid);
}

TEST(ForeignKeysTest, TheAlgorithmsOfTheUnwaryVerifyNothing) {
  const ForeignKeys keys = Keys({Issuer().Jwk("rsa"), Issuer().Jwk("ec")});
  for (const char* algorithm : {"none", "HS256", "", "RS256 ", "ES256K"}) {
    EXPECT_EQ(keys.Verify("rsa", algorithm, "input", ""), Verdict::kWrongAlgorithm) << algorithm;
  }
}

TEST(ForeignKeysTest, KeysThatAreNotForVerifyingCountForNothing) {
  const auto spoil = [](const char* name, const json& value) {
    json jwk = Issuer().Jwk("ec");
    jwk[name] = value;
    return jwk;
  };
  for (const json& bad : {spoil("use", "enc"), spoil("key_ops", {"sign"}), spoil("kty", "oct"),
                          spoil("d", "AA"), spoil("x", "AA"), spoil("alg", 7), spoil("kid", ""),
                          spoil("kid", std::string(300, 'k')), json("no key"), json(7)}) {
    EXPECT_FALSE(ForeignKeys::Parse(JwkSet({bad})).ok()) << bad;
    const ForeignKeys keys = Keys({bad, Issuer().Jwk("rsa")});
    EXPECT_EQ(Judge(keys, Issuer().Sign(Claims(), "rsa")), Verdict::kValid) << bad;
    EXPECT_NE(Judge(keys, Issuer().Sign(Claims(), "ec")), Verdict::kValid) << bad;
  }
}

TEST(ForeignKeysTest, AKeyIdThatComesTwiceIsWorthless) {
  json other = Issuer().Jwk("ec");
  other["kid"] = "rsa";
  for (const std::vector<json>& keys :
       {std::vector<json>{Issuer().Jwk("rsa"), other, Issuer().Jwk("ec")},
        std::vector<json>{other, Issuer().Jwk("rsa"), other, Issuer().Jwk("ec")}}) {
    EXPECT_EQ(Judge(Keys(keys), Issuer().Sign(Claims(), "rsa")), Verdict::kUnusableKey);
    EXPECT_EQ(Judge(Keys(keys), Issuer().Sign(Claims(), "ec")), Verdict::kValid);
  }
}

TEST(ForeignKeysTest, OnlyTheFirstHundredKeysCount) {
  std::vector<json> keys;
  for (int i = 0; i < 100; ++i) {
    keys.push_back(Issuer().Jwk("ec"));
    keys.back()["kid"] = absl::StrCat("ec-", i);
  }
  keys.push_back(Issuer().Jwk("rsa"));
  EXPECT_EQ(Judge(Keys(keys), Issuer().Sign(Claims(), "rsa")), Verdict::kUnknownKey);
  for (const char* text :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(ForeignKeys::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace keyward::auth
