#include "common/auth/jwk.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"

namespace keyward::auth {
namespace {

TEST(JwkTest, RoundTrips) {
  const auto key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256).public_key();
  const absl::StatusOr<std::string> jwk = ToJwk(key, "kid-1");
  ASSERT_TRUE(jwk.ok()) << jwk.status();
  const auto parsed = FromJwk(*jwk, "kid-1");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->x(), key.x());
  EXPECT_EQ(parsed->y(), key.y());
}

TEST(JwkTest, OtherCurvesAreRefused) {
  const auto key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP384).public_key();
  EXPECT_FALSE(ToJwk(key, "kid-1").ok());
}

TEST(JwkTest, WhateverIsNotExactlyAnEs256KeyIsRefused) {
  const auto key = crypto::EcPrivateKey::Generate(crypto::EcCurve::kP256).public_key();
  const std::string jwk = *ToJwk(key, "kid-1");
  EXPECT_FALSE(FromJwk(jwk, "kid-2").ok());
  EXPECT_FALSE(FromJwk("", "kid-1").ok());
  EXPECT_FALSE(FromJwk("[]", "kid-1").ok());
  for (const auto& [from, to] :
       {std::pair("ES256", "none"), std::pair("P-256", "P-384"), std::pair("\"sig\"", "\"enc\""),
        std::pair("\"sig\"", "7"), std::pair("\"x\"", "\"z\""), std::pair("{", "{\"d\":\"AA\",")}) {
    EXPECT_FALSE(FromJwk(absl::StrReplaceAll(jwk, {{from, to}}), "kid-1").ok()) << from;
  }
}

}  // namespace
}  // namespace keyward::auth
