#include "services/managed_identity/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

namespace keyward::managed_identity {
namespace {

using ::testing::HasSubstr;

// Why the service cannot be run so; empty if it can.
std::string Complaint(const Settings& settings) {
  const absl::Status status = CheckSettings(settings);
  EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
  return std::string(status.message());
}

Settings WithIssuer() {
  Settings settings;
  settings.issuer = "https://identity.example";
  settings.oidc_listen = "127.0.0.1:0";
  return settings;
}

TEST(SettingsTest, TheDefaultsAndAnIssuerWithItsPortWillDo) {
  EXPECT_EQ(Complaint({}), "");
  EXPECT_EQ(Complaint(WithIssuer()), "");
}

TEST(SettingsTest, KeysThatRotateFasterThanTheirTokensExpireAreRefused) {
  Settings settings;
  settings.signing_key_rotation = absl::Minutes(20);
  EXPECT_EQ(Complaint(settings), "");
  settings.signing_key_rotation -= absl::Seconds(1);
  EXPECT_THAT(Complaint(settings), HasSubstr("--signing_key_rotation must be at least 20m"));
}

TEST(SettingsTest, WhatGoesTogetherIsGivenTogether) {
  Settings settings = WithIssuer();
  settings.oidc_listen = "";
  EXPECT_THAT(Complaint(settings), HasSubstr("--oidc_listen both"));
  settings = WithIssuer();
  settings.issuer = "";
  EXPECT_THAT(Complaint(settings), HasSubstr("--oidc_listen both"));
  settings = WithIssuer();
  settings.oidc_tls_certificate = "page.pem";
  EXPECT_THAT(Complaint(settings), HasSubstr("--oidc_tls_private_key both"));
  settings = {};
  settings.oidc_tls_certificate = "page.pem";
  settings.oidc_tls_private_key = "page.key";
  EXPECT_THAT(Complaint(settings), HasSubstr("set that too"));
}

TEST(SettingsTest, AnIssuerIsAnAddressAndItsKeyIsPrivate) {
  Settings settings = WithIssuer();
  settings.issuer = "http://identity.example";
  EXPECT_THAT(Complaint(settings), HasSubstr("--issuer: "));
  settings = WithIssuer();
  settings.oidc_tls_certificate = "page.pem";
  settings.oidc_tls_private_key = ::testing::TempDir() + "/page.key";
  std::ofstream(settings.oidc_tls_private_key) << "key";
  ASSERT_EQ(chmod(settings.oidc_tls_private_key.c_str(), 0644), 0);
  EXPECT_THAT(Complaint(settings), HasSubstr("--oidc_tls_private_key"));
  ASSERT_EQ(chmod(settings.oidc_tls_private_key.c_str(), 0600), 0);
  EXPECT_EQ(Complaint(settings), "");
}

}  // namespace
}  // namespace keyward::managed_identity
