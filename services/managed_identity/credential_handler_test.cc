#include "services/managed_identity/credential_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/testing/certificates.h"
#include "common/status/error.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/identity_hierarchy.h"
#include "services/managed_identity/trusted_issuer_handler.h"

namespace keyward::managed_identity {
namespace {

using crypto::testing::kAuthorityPem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kIssuer[] = "https://cluster.example";
constexpr char kName[] = "identities/one/federatedCredentials/checkout";

class CredentialHandlerTest : public HandlerFixture {
 protected:
  CredentialHandlerTest() {
    MakeTenant("contoso");
    MakeSubscription("prod", "contoso");
    MakeEnabledIdentity("one", "prod");
    EXPECT_TRUE(Trust("cluster", kIssuer).ok());
  }

  static identity::v1::CreateTrustedIssuerRequest IssuerRequest(const std::string& id,
                                                                const std::string& issuer) {
    identity::v1::CreateTrustedIssuerRequest request;
    request.set_trusted_issuer_id(id);
    request.mutable_trusted_issuer()->set_issuer(issuer);
    request.mutable_trusted_issuer()->set_ca_certificates(kAuthorityPem);
    return request;
  }

  absl::StatusOr<identity::v1::TrustedIssuer> Trust(const std::string& id,
                                                    const std::string& issuer) {
    return issuers_.Create(Call(), IssuerRequest(id, issuer));
  }

  static identity::v1::CreateFederatedCredentialRequest Request(const std::string& id,
                                                                const std::string& subject) {
    identity::v1::CreateFederatedCredentialRequest request;
    request.set_parent("identities/one");
    request.set_federated_credential_id(id);
    request.mutable_federated_credential()->set_issuer(kIssuer);
    request.mutable_federated_credential()->set_subject(subject);
    request.mutable_federated_credential()->add_audiences("keyward");
    return request;
  }

  absl::StatusOr<identity::v1::FederatedCredential> Create(const std::string& id,
                                                           const std::string& subject) {
    return credentials_.Create(Call(), Request(id, subject));
  }

  absl::StatusOr<identity::v1::DeleteFederatedCredentialResponse> Delete(
      bool validate_only = false) {
    identity::v1::DeleteFederatedCredentialRequest request;
    request.set_name(kName);
    request.set_validate_only(validate_only);
    return credentials_.Delete(Call(), request);
  }

  int Count() {
    identity::v1::ListFederatedCredentialsRequest request;
    request.set_parent("identities/one");
    const auto listed = credentials_.List(request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? listed->federated_credentials_size() : -1;
  }

  TrustedIssuerHandler issuers_{*changes_};
  CredentialHandler credentials_{*changes_};
};

TEST_F(CredentialHandlerTest, ACredentialComesAndGoesAndTheFeedTells) {
  const auto made = Create("checkout", "system:serviceaccount:shop:checkout");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name(), kName);
  EXPECT_THAT(made->audiences(), ElementsAre("keyward"));
  EXPECT_FALSE(made->has_last_use_time());
  identity::v1::GetFederatedCredentialRequest get;
  get.set_name(kName);
  EXPECT_EQ(credentials_.Get(get)->subject(), made->subject());

  const auto preview = Delete(/*validate_only=*/true);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_FALSE(preview->has_delivery());
  EXPECT_EQ(Count(), 1);
  const auto gone = Delete();
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_GT(gone->delivery().sequence(), 0);
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(ErrorReason(Delete().status()), "FEDERATED_CREDENTIAL_NOT_FOUND");
  EXPECT_EQ(ErrorReason(credentials_.Get(get).status()), "FEDERATED_CREDENTIAL_NOT_FOUND");

  const auto events = Events();
  const std::string told = absl::StrCat("CredentialChanged ", kName);
  EXPECT_THAT(EventLines(), ElementsAre("SubscriptionCreated subscriptions/prod",
                                        "IdentityEnabled identities/one", told, told));
  identity::v1::PrincipalChanged came, went;
  ASSERT_TRUE(events[2].data().UnpackTo(&came));
  ASSERT_TRUE(events[3].data().UnpackTo(&went));
  EXPECT_TRUE(came.active() && went.active());
  EXPECT_EQ(went.principal_id(), GetIdentity("one").principal_id());
  EXPECT_LT(came.not_before().seconds() * 1'000'000'000 + came.not_before().nanos(),
            went.not_before().seconds() * 1'000'000'000 + went.not_before().nanos());
}

TEST_F(CredentialHandlerTest, TwentyAreTheMost) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Create(absl::StrCat("cred-", i), absl::StrCat("subject-", i)).ok());
  }
  const absl::Status status = Create("one-more", "subject").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "TOO_MANY_FEDERATED_CREDENTIALS");
  EXPECT_EQ(Count(), 20);
}

TEST_F(CredentialHandlerTest, IssuerAndSubjectAreUniqueInAnIdentity) {
  ASSERT_TRUE(Create("checkout", "subject").ok());
  EXPECT_EQ(ErrorReason(Create("checkout", "other").status()), "FEDERATED_CREDENTIAL_EXISTS");
  const absl::Status twice = Create("again", "subject").status();
  EXPECT_EQ(ErrorReason(twice), "FEDERATED_CREDENTIAL_EXISTS");
  EXPECT_THAT(std::string(twice.message()), HasSubstr(kName));
  MakeEnabledIdentity("two", "prod");
  auto elsewhere = Request("checkout", "subject");
  elsewhere.set_parent("identities/two");
  EXPECT_TRUE(credentials_.Create(Call(), elsewhere).ok());
}

TEST_F(CredentialHandlerTest, WhatCouldMatchMoreThanItSaysIsRefused) {
  EXPECT_EQ(ErrorReason(Create("checkout", "system:serviceaccount:*").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create("checkout", "").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create("checkout", std::string(601, 's')).status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create("ab", "subject").status()), "INVALID_REQUEST");
  EXPECT_EQ(ErrorReason(Create(std::string(121, 'a'), "subject").status()), "INVALID_REQUEST");
  auto request = Request("checkout", "subject");
  request.mutable_federated_credential()->add_audiences("other");
  EXPECT_EQ(ErrorReason(credentials_.Create(Call(), request).status()), "INVALID_REQUEST");
  request.mutable_federated_credential()->clear_audiences();
  EXPECT_EQ(ErrorReason(credentials_.Create(Call(), request).status()), "INVALID_REQUEST");
  request = Request("checkout", "subject");
  request.set_parent("identities/six");
  EXPECT_EQ(ErrorReason(credentials_.Create(Call(), request).status()), "IDENTITY_NOT_FOUND");
}

TEST_F(CredentialHandlerTest, TheIssuerMustBeTrustedToTheLetter) {
  auto request = Request("checkout", "subject");
  request.mutable_federated_credential()->set_issuer("https://cluster.example/");
  const absl::Status status = credentials_.Create(Call(), request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "ISSUER_NOT_TRUSTED");
  EXPECT_THAT(std::string(status.message()), HasSubstr("slash at the end"));
}

TEST_F(CredentialHandlerTest, CredentialsGoWithTheirIdentity) {
  ASSERT_TRUE(Create("checkout", "subject").ok());
  identity::v1::DeleteIdentityRequest request;
  request.set_name("identities/one");
  ASSERT_TRUE(identities_->Delete(Call(), request).ok());
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(ErrorReason(Create("checkout", "subject").status()), "IDENTITY_DELETED");
}

TEST_F(CredentialHandlerTest, RightsOnTheIdentityReachItsCredentials) {
  IdentityHierarchy hierarchy(*database_);
  const auto path = hierarchy.Ancestors(kName);
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_THAT(*path, ElementsAre(kName, "identities/one", "accounts/one", "subscriptions/prod",
                                 "tenants/contoso", "/"));
}

TEST_F(CredentialHandlerTest, TrustedIssuersAreUniqueAndWellFormed) {
  EXPECT_EQ(ErrorReason(Trust("cluster", "https://other.example").status()),
            "TRUSTED_ISSUER_EXISTS");
  EXPECT_EQ(ErrorReason(Trust("other", kIssuer).status()), "TRUSTED_ISSUER_EXISTS");
  for (const char* issuer : {"", "http://cluster.example", "https://user@cluster.example",
                             "https://cluster.example?q", "cluster.example"}) {
    EXPECT_EQ(ErrorReason(Trust("other", issuer).status()), "INVALID_REQUEST") << issuer;
  }
  auto request = IssuerRequest("other", "https://other.example");
  request.mutable_trusted_issuer()->set_jwks_uri("file:///etc/passwd");
  EXPECT_EQ(ErrorReason(issuers_.Create(Call(), request).status()), "INVALID_REQUEST");
  request = IssuerRequest("other", "https://other.example");
  using crypto::testing::kNoAuthorityPem;
  for (const auto& [authorities, complaint] : std::vector<std::pair<std::string, std::string>>{
           {"", "it has none"},
           {"-----BEGIN CERTIFICATE-----", "certificate 1 is malformed"},
           {kNoAuthorityPem, "certificate 1 (CN=No authority) is none"},
           {absl::StrCat(kAuthorityPem, "-----BEGIN PRIVATE KEY-----"), "private key"},
           {std::string(64 * 1024 + 1, ' '), "64 KiB"}}) {
    request.mutable_trusted_issuer()->set_ca_certificates(authorities);
    const absl::Status status = issuers_.Create(Call(), request).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("trusted_issuer.ca_certificates"), HasSubstr(complaint)));
  }
  request.mutable_trusted_issuer()->set_ca_certificates(kAuthorityPem);
  clock_.SetWall(absl::FromCivil(absl::CivilYear(2127), absl::UTCTimeZone()));
  EXPECT_THAT(std::string(issuers_.Create(Call(), request).status().message()),
              HasSubstr("expired at 2126-11-07"));
  identity::v1::ListTrustedIssuersRequest list;
  ASSERT_EQ(issuers_.List(list)->trusted_issuers_size(), 1);
  EXPECT_EQ(issuers_.List(list)->trusted_issuers(0).issuer(), kIssuer);
}

TEST_F(CredentialHandlerTest, OfATrustedIssuerOnlyTheSourceOfItsKeysCanBeChanged) {
  identity::v1::UpdateTrustedIssuerRequest request;
  auto& wanted = *request.mutable_trusted_issuer();
  wanted.set_name("trustedIssuers/cluster");
  wanted.set_jwks_uri("https://10.0.0.1/keys");
  wanted.set_ca_certificates(absl::StrCat("another\n", kAuthorityPem));
  wanted.set_issuer("https://other.example");
  wanted.set_operators(true);
  EXPECT_EQ(ErrorReason(issuers_.Update(Call(), request).status()), "INVALID_REQUEST");
  for (const char* path : {"issuer", "operators", "name", "create_time", "*", ""}) {
    request.clear_update_mask();
    request.mutable_update_mask()->add_paths("jwks_uri");
    request.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(ErrorReason(issuers_.Update(Call(), request).status()), "INVALID_REQUEST") << path;
  }
  request.clear_update_mask();
  request.mutable_update_mask()->add_paths("jwks_uri");
  const auto changed = issuers_.Update(Call(), request);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->jwks_uri(), "https://10.0.0.1/keys");
  EXPECT_EQ(changed->ca_certificates(), kAuthorityPem);
  EXPECT_EQ(changed->issuer(), kIssuer);
  EXPECT_FALSE(changed->operators());
  request.mutable_update_mask()->add_paths("ca_certificates");
  EXPECT_TRUE(issuers_.Update(Call(), request).ok());
  identity::v1::GetTrustedIssuerRequest get;
  get.set_name(wanted.name());
  EXPECT_EQ(issuers_.Get(get)->ca_certificates(), wanted.ca_certificates());
  wanted.set_ca_certificates("none");
  EXPECT_EQ(ErrorReason(issuers_.Update(Call(), request).status()), "INVALID_REQUEST");
  wanted.set_name("trustedIssuers/nobody");
  EXPECT_EQ(ErrorReason(issuers_.Update(Call(), request).status()), "TRUSTED_ISSUER_NOT_FOUND");
}

TEST_F(CredentialHandlerTest, TheAuditTellsWhomItTrusts) {
  const server::CallContext trust = Call();
  auto request = IssuerRequest("login", "https://login.example");
  request.mutable_trusted_issuer()->set_operators(true);
  ASSERT_TRUE(issuers_.Create(trust, request).ok());
  EXPECT_EQ(trust.Notes().at("issuer"), "https://login.example");
  EXPECT_EQ(trust.Notes().at("operators"), "true");
  const server::CallContext credential = Call();
  ASSERT_TRUE(credentials_.Create(credential, Request("checkout", "subject")).ok());
  EXPECT_EQ(credential.Notes().at("issuer"), kIssuer);
  EXPECT_EQ(credential.Notes().at("subject"), "subject");
}

TEST_F(CredentialHandlerTest, AnIdThatAnotherIssuerHasIsNoReasonToDeleteThatOne) {
  EXPECT_THAT(Trust("cluster", "https://other.example").status().message(),
              HasSubstr("choose another trusted_issuer_id"));
  EXPECT_THAT(Trust("other", kIssuer).status().message(), HasSubstr("delete it first"));
}

TEST_F(CredentialHandlerTest, DistrustingAnIssuerListsWhoseTokensDie) {
  ASSERT_TRUE(Create("checkout", "subject").ok());
  ASSERT_TRUE(Create("backup", "other").ok());
  identity::v1::DeleteTrustedIssuerRequest request;
  request.set_name("trustedIssuers/cluster");
  request.set_validate_only(true);
  const auto preview = issuers_.Delete(Call(), request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_THAT(preview->identities(), ElementsAre("identities/one"));
  EXPECT_EQ(preview->identity_count(), 1);
  EXPECT_THAT(preview->federated_credentials(),
              ElementsAre("identities/one/federatedCredentials/backup", kName));
  EXPECT_EQ(preview->federated_credential_count(), 2);
  EXPECT_EQ(preview->operator_count(), 0);
  request.set_validate_only(false);
  const auto gone = issuers_.Delete(Call(), request);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_THAT(gone->identities(), ElementsAre("identities/one"));
  EXPECT_EQ(Count(), 2);
  EXPECT_EQ(ErrorReason(issuers_.Delete(Call(), request).status()), "TRUSTED_ISSUER_NOT_FOUND");
}

}  // namespace
}  // namespace keyward::managed_identity
