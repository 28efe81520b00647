#include "services/managed_identity/exchange_fixture.h"

#include <stdio.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/testing/certificates.h"

namespace keyward::managed_identity {

ExchangeFixture::ExchangeFixture() {
  const std::string path = ::testing::TempDir() + "/root.key";
  remove(path.c_str());
  root_key_ = *crypto::FileRootKey::LoadOrCreate(path);
  succession_ = std::make_unique<KeySuccession>(*root_key_);
  signer_ = *TokenSigner::Open(*changes_, *succession_, *root_key_, "https://issuer.test");
  exchanges_ = std::make_unique<ExchangeHandler>(*changes_, *signer_, keys_, clock_);
  MakeTenant("contoso");
}

const auth::testing::ForeignIssuer& ExchangeFixture::Issuer() {
  static const auto* const issuer = new auth::testing::ForeignIssuer();
  return *issuer;
}

void ExchangeFixture::Trust(const std::string& id, const std::string& issuer, bool operators) {
  identity::v1::CreateTrustedIssuerRequest request;
  request.set_trusted_issuer_id(id);
  request.mutable_trusted_issuer()->set_issuer(issuer);
  request.mutable_trusted_issuer()->set_jwks_uri(
      absl::StrCat(absl::StripSuffix(issuer, "/"), "/keys"));
  request.mutable_trusted_issuer()->set_ca_certificates(crypto::testing::kAuthorityPem);
  request.mutable_trusted_issuer()->set_operators(operators);
  const auto made = issuers_.Create(Call(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->operators(), operators);
}

void ExchangeFixture::Distrust(const std::string& id) {
  identity::v1::DeleteTrustedIssuerRequest request;
  request.set_name("trustedIssuers/" + id);
  const auto gone = issuers_.Delete(Call(), request);
  ASSERT_TRUE(gone.ok()) << gone.status();
}

absl::StatusOr<identity::v1::ExchangeTokenResponse> ExchangeFixture::ExchangeFor(
    const std::string& identity, const std::string& subject_token) {
  identity::v1::ExchangeTokenRequest request;
  request.set_identity(identity);
  request.set_subject_token(subject_token);
  request.set_audience("key_vault");
  return exchanges_->Exchange(Call(), request);
}

absl::StatusOr<auth::TokenClaims> ExchangeFixture::Verify(const std::string& token) {
  return auth::TokenVerifier("key_vault", *directory_, clock_).Verify(token);
}

}  // namespace keyward::managed_identity
