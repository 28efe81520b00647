// An operator of an OpenID provider, from the provider's token to a call that only a role admits:
// over mutual TLS, with a provider that answers over HTTPS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/testing/foreign_issuer.h"
#include "common/https/testing/https_server.h"
#include "common/server/testing/test_authority.h"
#include "common/status/error.h"
#include "keyward/identity/v1/federation.grpc.pb.h"
#include "keyward/identity/v1/roles.grpc.pb.h"
#include "keyward/identity/v1/tenants.grpc.pb.h"
#include "keyward/identity/v1/tokens.grpc.pb.h"
#include "services/managed_identity/test_server.h"

namespace keyward::managed_identity {
namespace {

using Federation = identity::v1::FederationService::Stub;
using Roles = identity::v1::RoleService::Stub;
using Tenants = identity::v1::TenantService::Stub;
using Tokens = identity::v1::TokenService::Stub;

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class OperatorTest : public TestServer {
 protected:
  OperatorTest()
      : alice_(AsOperator("alice")),
        federation_(alice_),
        roles_(alice_),
        workload_(AsWorkload("shell")),
        tokens_(workload_),
        tenants_(workload_) {
    nlohmann::json document;
    document["issuer"] = provider_.url();
    document["jwks_uri"] = provider_.url() + "/keys";
    provider_.Serve("/.well-known/openid-configuration", document.dump());
    provider_.Serve("/keys", issuer_.JwkSet());
    Trust();
    identity::v1::CreateTenantRequest tenant;
    tenant.set_tenant_id("contoso");
    Tenants tenants(alice_);
    EXPECT_TRUE(Call(tenants, &Tenants::CreateTenant, tenant).ok());
  }

  void Trust() {
    identity::v1::CreateTrustedIssuerRequest request;
    request.set_trusted_issuer_id("login");
    request.mutable_trusted_issuer()->set_issuer(provider_.url());
    request.mutable_trusted_issuer()->set_ca_certificates(Contents(files_.ca));
    request.mutable_trusted_issuer()->set_operators(true);
    const auto made = Call(federation_, &Federation::CreateTrustedIssuer, request);
    ASSERT_TRUE(made.ok()) << made.status();
  }

  std::string Carol() const { return absl::StrCat("oidc:", provider_.url(), "#carol"); }

  // Makes carol a reader of the tenant; returns the name of the assignment.
  std::string MakeReader() {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(Carol());
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    request.mutable_role_assignment()->set_scope("tenants/contoso");
    const auto given = Call(roles_, &Roles::CreateRoleAssignment, request);
    EXPECT_TRUE(given.ok()) << given.status();
    return given.ok() ? given->name() : "";
  }

  absl::StatusOr<identity::v1::ExchangeTokenResponse> Exchange() {
    nlohmann::json claims = auth::testing::ForeignIssuer::Claims(provider_.url(), absl::Now());
    claims["sub"] = "carol";
    identity::v1::ExchangeTokenRequest request;
    request.set_subject_token(issuer_.Sign(claims));
    request.set_audience("managed_identity");
    return Call(tokens_, &Tokens::ExchangeToken, request);
  }
  std::string Token() {
    const auto exchanged = Exchange();
    EXPECT_TRUE(exchanged.ok()) << exchanged.status();
    return exchanged.ok() ? exchanged->token() : "";
  }

  // Why the token does not let its bearer read the tenant, and change it; empty for OK.
  std::string Read(const std::string& token) {
    identity::v1::GetTenantRequest request;
    request.set_name("tenants/contoso");
    return ErrorReason(Call(tenants_, &Tenants::GetTenant, request, token).status());
  }
  std::string Change(const std::string& token) {
    identity::v1::CreateSubscriptionRequest request;
    request.set_subscription_id("prod");
    request.mutable_subscription()->set_tenant("tenants/contoso");
    return ErrorReason(Call(tenants_, &Tenants::CreateSubscription, request, token).status());
  }

  server::testing::TestAuthority authority_of_provider_;
  const server::TlsFiles files_ = authority_of_provider_.Issue("provider", "");
  https::testing::HttpsServer provider_{files_};
  const auth::testing::ForeignIssuer issuer_;
  std::shared_ptr<grpc::Channel> alice_;
  Federation federation_;
  Roles roles_;
  std::shared_ptr<grpc::Channel> workload_;
  Tokens tokens_;
  Tenants tenants_;
};

TEST_F(OperatorTest, TheTokenLetsInWhomARoleNamesAsFarAsTheRoleGoes) {
  EXPECT_EQ(ErrorReason(Exchange().status()), "OPERATOR_UNKNOWN");
  MakeReader();
  const auto exchanged = Exchange();
  ASSERT_TRUE(exchanged.ok()) << exchanged.status();
  EXPECT_EQ(exchanged->principal_id(), Carol());
  EXPECT_EQ(Read(""), "NOT_AUTHORIZED") << "the certificate alone has no right";
  EXPECT_EQ(Read(exchanged->token()), "");
  EXPECT_EQ(Change(exchanged->token()), "NOT_AUTHORIZED");
}

TEST_F(OperatorTest, WithoutTheRoleTheTokenIsRefusedAtOnce) {
  const std::string role = MakeReader();
  const std::string token = Token();
  EXPECT_EQ(Read(token), "");
  identity::v1::DeleteRoleAssignmentRequest remove;
  remove.set_name(role);
  ASSERT_TRUE(Call(roles_, &Roles::DeleteRoleAssignment, remove).ok());
  EXPECT_EQ(Read(token), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(Exchange().status()), "OPERATOR_UNKNOWN");
  MakeReader();
  EXPECT_EQ(Read(token), "TOKEN_INVALID");
  EXPECT_EQ(Read(Token()), "");
}

TEST_F(OperatorTest, WithoutTrustInTheIssuerTheTokenIsRefusedAtOnce) {
  MakeReader();
  const std::string token = Token();
  EXPECT_EQ(Read(token), "");
  identity::v1::DeleteTrustedIssuerRequest distrust;
  distrust.set_name("trustedIssuers/login");
  const auto gone = Call(federation_, &Federation::DeleteTrustedIssuer, distrust);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_THAT(gone->operators(), ::testing::ElementsAre(Carol()));
  EXPECT_EQ(Read(token), "TOKEN_INVALID");
  EXPECT_EQ(ErrorReason(Exchange().status()), "ISSUER_NOT_TRUSTED");
  // Trusted again, the role counts again; the old token does not.
  Trust();
  EXPECT_EQ(Read(token), "TOKEN_INVALID");
  EXPECT_EQ(Read(Token()), "");
}

}  // namespace
}  // namespace keyward::managed_identity
