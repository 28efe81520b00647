// A workload elsewhere gets a token here with the one that it has there: over mutual TLS, with an
// issuer that answers over HTTPS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/time/clock.h"
#include "common/auth/testing/foreign_issuer.h"
#include "common/https/testing/https_server.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "keyward/identity/v1/federation.grpc.pb.h"
#include "keyward/identity/v1/identities.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/managed_identity/test_server.h"

namespace keyward::managed_identity {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Federation = identity::v1::FederationService::Stub;
using Identities = identity::v1::IdentityService::Stub;
using Roles = identity::v1::RoleService::Stub;
using Tenants = identity::v1::TenantService::Stub;
using Tokens = identity::v1::TokenService::Stub;

constexpr char kSubject[] = "system:serviceaccount:shop:checkout";
constexpr char kDiscovery[] = "/.well-known/openid-configuration";

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class FederationTest : public TestServer {
 protected:
  FederationTest()
      : alice_(AsOperator("alice")),
        federation_(alice_),
        tenants_(alice_),
        workload_(AsWorkload("shop")),
        tokens_(workload_) {
    nlohmann::json document;
    document["issuer"] = cluster_.url();
    document["jwks_uri"] = cluster_.url() + "/keys";
    cluster_.Serve(kDiscovery, document.dump());
    cluster_.Serve("/keys", issuer_.JwkSet());
    MakeIdentity();
  }

  void MakeIdentity() {
    identity::v1::CreateTenantRequest tenant;
    tenant.set_tenant_id("contoso");
    EXPECT_TRUE(Call(tenants_, &Tenants::CreateTenant, tenant).ok());
    identity::v1::CreateSubscriptionRequest subscription;
    subscription.set_subscription_id("prod");
    subscription.mutable_subscription()->set_tenant("tenants/contoso");
    EXPECT_TRUE(Call(tenants_, &Tenants::CreateSubscription, subscription).ok());
    Identities encryption(AsService("encryption"));
    identity::v1::CreateIdentityRequest identity;
    identity.set_identity_id("one");
    identity.set_resource("accounts/one");
    identity.set_subscription("subscriptions/prod");
    EXPECT_TRUE(Call(encryption, &Identities::CreateIdentity, identity).ok());
    identity::v1::EnableIdentityRequest enable;
    enable.set_name("identities/one");
    const auto enabled = Call(encryption, &Identities::EnableIdentity, enable);
    ASSERT_TRUE(enabled.ok()) << enabled.status();
    principal_ = enabled->principal_id();
  }

  absl::StatusOr<identity::v1::TrustedIssuer> Trust(Federation& caller, const std::string& ca) {
    identity::v1::CreateTrustedIssuerRequest request;
    request.set_trusted_issuer_id("cluster");
    request.mutable_trusted_issuer()->set_issuer(cluster_.url());
    request.mutable_trusted_issuer()->set_ca_certificates(ca);
    return Call(caller, &Federation::CreateTrustedIssuer, request);
  }

  absl::StatusOr<identity::v1::FederatedCredential> AddCredential(Federation& caller) {
    identity::v1::CreateFederatedCredentialRequest request;
    request.set_parent("identities/one");
    request.set_federated_credential_id("checkout");
    request.mutable_federated_credential()->set_issuer(cluster_.url());
    request.mutable_federated_credential()->set_subject(kSubject);
    request.mutable_federated_credential()->add_audiences("keyward");
    return Call(caller, &Federation::CreateFederatedCredential, request);
  }

  absl::StatusOr<identity::v1::ExchangeTokenResponse> Exchange() {
    identity::v1::ExchangeTokenRequest request;
    request.set_identity("identities/one");
    request.set_subject_token(
        issuer_.Sign(auth::testing::ForeignIssuer::Claims(cluster_.url(), absl::Now())));
    request.set_audience("managed_identity");
    return Call(tokens_, &Tokens::ExchangeToken, request);
  }

  // What the workload may do with the token; empty for OK.
  std::string ReadTenant(const std::string& token) {
    identity::v1::GetTenantRequest request;
    request.set_name("tenants/contoso");
    Tenants tenants(workload_);
    return ErrorReason(Call(tenants, &Tenants::GetTenant, request, token).status());
  }

  server::testing::TestAuthority cluster_authority_;
  const server::TlsFiles files_ = cluster_authority_.Issue("issuer", "");
  https::testing::HttpsServer cluster_{files_};
  const auth::testing::ForeignIssuer issuer_;
  std::shared_ptr<grpc::Channel> alice_;
  Federation federation_;
  Tenants tenants_;
  std::shared_ptr<grpc::Channel> workload_;
  Tokens tokens_;
  std::string principal_;
};

TEST_F(FederationTest, AWorkloadActsAsTheIdentityUntilItsCredentialIsDeleted) {
  ASSERT_TRUE(Trust(federation_, Contents(files_.ca)).ok());
  const auto credential = AddCredential(federation_);
  ASSERT_TRUE(credential.ok()) << credential.status();
  identity::v1::CreateRoleAssignmentRequest role;
  role.mutable_role_assignment()->set_principal(principal_);
  role.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
  role.mutable_role_assignment()->set_scope("tenants/contoso");
  Roles roles(alice_);
  ASSERT_TRUE(Call(roles, &Roles::CreateRoleAssignment, role).ok());

  EXPECT_EQ(ReadTenant(""), "NOT_AUTHORIZED");
  const auto exchanged = Exchange();
  ASSERT_TRUE(exchanged.ok()) << exchanged.status();
  EXPECT_EQ(exchanged->principal_id(), principal_);
  EXPECT_EQ(ReadTenant(exchanged->token()), "");
  ASSERT_TRUE(Exchange().ok());
  EXPECT_EQ(cluster_.requests("/keys"), 1);

  identity::v1::DeleteFederatedCredentialRequest remove;
  remove.set_name(credential->name());
  ASSERT_TRUE(Call(federation_, &Federation::DeleteFederatedCredential, remove).ok());
  EXPECT_EQ(ReadTenant(exchanged->token()), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(Exchange().status()), "ISSUER_MISMATCH");
}

TEST_F(FederationTest, OnlyThePinnedAuthorityCountsAndOthersAreUnreachable) {
  server::testing::TestAuthority other;
  ASSERT_TRUE(Trust(federation_, Contents(other.Issue("other", "").ca)).ok());
  ASSERT_TRUE(AddCredential(federation_).ok());
  const absl::Status status = Exchange().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(status), "ISSUER_UNREACHABLE");
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("chains to none of the pinned authorities"),
            HasSubstr("FederationService/UpdateTrustedIssuer"), Not(HasSubstr("Try again"))));
  EXPECT_EQ(ErrorMetadata(status, "cause"), "CERTIFICATE");
  EXPECT_EQ(cluster_.requests(kDiscovery), 0);
  // What it says helps, and at once.
  identity::v1::UpdateTrustedIssuerRequest update;
  update.mutable_trusted_issuer()->set_name("trustedIssuers/cluster");
  update.mutable_trusted_issuer()->set_ca_certificates(Contents(files_.ca));
  update.mutable_update_mask()->add_paths("ca_certificates");
  ASSERT_TRUE(Call(federation_, &Federation::UpdateTrustedIssuer, update).ok());
  EXPECT_TRUE(Exchange().ok());
}

TEST_F(FederationTest, ACertificateIsNotTakenForItsAuthority) {
  const absl::Status status = Trust(federation_, Contents(files_.certificate)).status();
  EXPECT_EQ(ErrorReason(status), "INVALID_REQUEST");
  EXPECT_THAT(std::string(status.message()), HasSubstr("(CN=issuer) is none"));
}

TEST_F(FederationTest, AChangedAuthorityCountsForTheNextTokenAndKillsNone) {
  const std::string right = Contents(files_.ca);
  server::testing::TestAuthority another;
  const std::string wrong = Contents(another.Issue("issuer", "").ca);
  ASSERT_TRUE(Trust(federation_, right).ok());
  ASSERT_TRUE(AddCredential(federation_).ok());
  const auto before = Exchange();
  ASSERT_TRUE(before.ok()) << before.status();
  identity::v1::UpdateTrustedIssuerRequest update;
  update.mutable_trusted_issuer()->set_name("trustedIssuers/cluster");
  update.mutable_trusted_issuer()->set_ca_certificates(wrong);
  update.mutable_update_mask()->add_paths("ca_certificates");
  Federation bob(AsOperator("bob"));
  EXPECT_EQ(ErrorReason(Call(bob, &Federation::UpdateTrustedIssuer, update).status()),
            "NOT_AUTHORIZED");
  ASSERT_TRUE(Call(federation_, &Federation::UpdateTrustedIssuer, update).ok());
  EXPECT_EQ(ErrorReason(Exchange().status()), "ISSUER_UNREACHABLE");
  update.mutable_trusted_issuer()->set_ca_certificates(right);
  ASSERT_TRUE(Call(federation_, &Federation::UpdateTrustedIssuer, update).ok());
  EXPECT_TRUE(Exchange().ok());
  // It has no role, but is known.
  EXPECT_EQ(ReadTenant(before->token()), "NOT_AUTHORIZED");
}

TEST_F(FederationTest, NobodyIsAskedWhoIsNotTrusted) {
  EXPECT_EQ(ErrorReason(Exchange().status()), "ISSUER_NOT_TRUSTED");
  EXPECT_EQ(cluster_.requests(kDiscovery), 0);
}

TEST_F(FederationTest, OnlyAdministratorsSayWhomToTrust) {
  for (const auto& channel : {AsOperator("bob"), workload_, AsService("encryption")}) {
    Federation caller(channel);
    EXPECT_EQ(ErrorReason(Trust(caller, Contents(files_.ca)).status()), "NOT_AUTHORIZED");
    EXPECT_EQ(ErrorReason(AddCredential(caller).status()), "NOT_AUTHORIZED");
  }
}

}  // namespace
}  // namespace keyward::managed_identity
