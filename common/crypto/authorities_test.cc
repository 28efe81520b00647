#include "common/crypto/authorities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/testing/certificates.h"

namespace keyward::crypto {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kAuthorityPem;
using testing::kNoAuthorityPem;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kExpiry =
    absl::FromCivil(absl::CivilSecond(2126, 11, 7, 2, 26, 24), absl::UTCTimeZone());

std::string Complaint(const std::string& pem, absl::Time now = kNow) {
  const absl::Status status = CheckAuthorities(pem, now);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(AuthoritiesTest, AuthoritiesAreTakenWithTheTextAroundThem) {
  EXPECT_EQ(Complaint(kAuthorityPem), "");
  EXPECT_EQ(Complaint(absl::StrCat("# of the cluster\n", kAuthorityPem, "\n", kAuthorityPem, "x")),
            "");
}

TEST(AuthoritiesTest, TextWithoutCertificateIsNamed) {
  for (const char* pem :
       {"", "no PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}) {
    EXPECT_THAT(Complaint(pem), HasSubstr("it has none")) << pem;
  }
}

TEST(AuthoritiesTest, AMalformedCertificateIsNamedByItsNumber) {
  EXPECT_THAT(Complaint("-----BEGIN CERTIFICATE-----"), HasSubstr("certificate 1 is malformed"));
  EXPECT_THAT(Complaint("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
              HasSubstr("certificate 1 is malformed"));
  const std::string cut = absl::StrReplaceAll(kAuthorityPem, {{"o1MwUTAd", ""}});
  EXPECT_THAT(Complaint(absl::StrCat(kAuthorityPem, cut)), HasSubstr("certificate 2 is malformed"));
}

TEST(AuthoritiesTest, WhoIsNoAuthorityIsNamed) {
  EXPECT_THAT(Complaint(absl::StrCat(kAuthorityPem, kNoAuthorityPem)),
              AllOf(HasSubstr("certificate 2 (CN=No authority) is none"), HasSubstr("signed it")));
}

TEST(AuthoritiesTest, WhatHasExpiredIsNamedWithItsTime) {
  EXPECT_EQ(Complaint(kAuthorityPem, kExpiry), "");
  EXPECT_THAT(Complaint(kAuthorityPem, kExpiry + absl::Seconds(1)),
              AllOf(HasSubstr("certificate 1 (CN=An authority of tests)"),
                    HasSubstr("expired at 2126-11-07T02:26:24.000Z")));
}

}  // namespace
}  // namespace keyward::crypto
