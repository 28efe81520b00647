// What the move of a subscription says that it ends, and would end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/testing/certificates.h"
#include "services/managed_identity/attachment_handler.h"
#include "services/managed_identity/credential_handler.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/trusted_issuer_handler.h"

namespace keyward::managed_identity {
namespace {

using identity::v1::MoveSubscriptionResponse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kIssuer[] = "https://cluster.example";
constexpr char kBob[] = "spiffe://keyward.local/operator/bob";

// Accounts one (in prod, which moves) and stays (in kept), and user-assigned identities that go
// and remain.
class MovePreviewTest : public HandlerFixture {
 protected:
  MovePreviewTest() {
    MakeTenant("contoso");
    MakeTenant("fabrikam");
    MakeSubscription("prod", "contoso");
    MakeSubscription("kept", "contoso");
    MakeEnabledIdentity("one", "prod");
    MakeEnabledIdentity("stays", "kept");
    MakeUserAssigned("goes", "prod");
    MakeUserAssigned("remains", "kept");
    identity::v1::CreateTrustedIssuerRequest issuer;
    issuer.set_trusted_issuer_id("cluster");
    issuer.mutable_trusted_issuer()->set_issuer(kIssuer);
    issuer.mutable_trusted_issuer()->set_ca_certificates(crypto::testing::kAuthorityPem);
    EXPECT_TRUE(TrustedIssuerHandler(*changes_).Create(Call(), issuer).ok());
  }

  void MakeUserAssigned(const std::string& id, const std::string& subscription) {
    identity::v1::CreateUserAssignedIdentityRequest request;
    request.set_identity_id(id);
    request.set_subscription("subscriptions/" + subscription);
    const auto made = attachments_.CreateUserAssigned(Call(), request);
    EXPECT_TRUE(made.ok()) << made.status();
  }

  void Attach(const std::string& identity, const std::string& resource) {
    identity::v1::AttachIdentityRequest request;
    request.set_name(identity);
    request.set_resource(resource);
    const auto attached = attachments_.Attach(Call(), request);
    ASSERT_TRUE(attached.ok()) << attached.status();
  }

  void AddCredential(const std::string& identity, const std::string& id) {
    identity::v1::CreateFederatedCredentialRequest request;
    request.set_parent(identity);
    request.set_federated_credential_id(id);
    request.mutable_federated_credential()->set_issuer(kIssuer);
    request.mutable_federated_credential()->set_subject(id);
    request.mutable_federated_credential()->add_audiences("keyward");
    const auto made = CredentialHandler(*changes_).Create(Call(), request);
    ASSERT_TRUE(made.ok()) << made.status();
  }

  // By the operator alice, unless another is named.
  MoveSubscriptionResponse Move(bool validate_only, const std::string& principal = kAlice) {
    identity::v1::MoveSubscriptionRequest request;
    request.set_name("subscriptions/prod");
    request.set_destination_tenant("tenants/fabrikam");
    request.set_validate_only(validate_only);
    server::CallContext call = Call();
    call.caller.principal = principal;
    const auto moved = subscriptions_->Move(call, request);
    EXPECT_TRUE(moved.ok()) << moved.status();
    return moved.value_or(MoveSubscriptionResponse());
  }

  static std::vector<std::string> Roles(const MoveSubscriptionResponse& answer) {
    std::vector<std::string> lines;
    for (const auto& role : answer.ended_role_assignments()) {
      lines.push_back(absl::StrCat(role.principal(), " on ", role.scope()));
    }
    return lines;
  }
  static std::vector<std::string> Credentials(const MoveSubscriptionResponse& answer) {
    std::vector<std::string> names;
    for (const auto& credential : answer.ended_federated_credentials()) {
      names.push_back(credential.name());
    }
    return names;
  }
  static std::vector<std::string> Attachments(const MoveSubscriptionResponse& answer) {
    std::vector<std::string> lines;
    for (const auto& attachment : answer.ended_attachments()) {
      lines.push_back(absl::StrCat(attachment.identity(), " at ", attachment.resource()));
    }
    return lines;
  }

  const AttachmentHandler attachments_{*changes_};
};

TEST_F(MovePreviewTest, ItListsWhatTheMoveThenEnds) {
  for (const char* scope : {"subscriptions/prod", "identities/one", "accounts/one",
                            "subscriptions/kept", "tenants/contoso"}) {
    ASSERT_TRUE(MakeBobAdministrator(scope).ok()) << scope;
  }
  AddCredential("identities/one", "checkout");
  AddCredential("identities/goes", "backup");
  AddCredential("identities/remains", "other");
  Attach("identities/goes", "accounts/one");
  Attach("identities/goes", "accounts/stays");
  Attach("identities/remains", "accounts/one");
  Attach("identities/remains", "accounts/stays");
  const size_t events = Events().size();

  for (const bool validate_only : {true, false}) {
    SCOPED_TRACE(validate_only);
    const MoveSubscriptionResponse answer = Move(validate_only);
    EXPECT_THAT(answer.dropped_identities(), ElementsAre("identities/goes", "identities/one"));
    EXPECT_EQ(answer.dropped_identity_count(), 2);
    EXPECT_THAT(Roles(answer), UnorderedElementsAre(absl::StrCat(kBob, " on subscriptions/prod"),
                                                    absl::StrCat(kBob, " on identities/one"),
                                                    absl::StrCat(kBob, " on accounts/one")));
    EXPECT_EQ(answer.ended_role_assignment_count(), 3);
    EXPECT_THAT(Credentials(answer), ElementsAre("identities/goes/federatedCredentials/backup",
                                                 "identities/one/federatedCredentials/checkout"));
    EXPECT_EQ(answer.ended_federated_credential_count(), 2);
    EXPECT_THAT(Attachments(answer), ElementsAre("identities/goes at accounts/stays",
                                                 "identities/remains at accounts/one"));
    EXPECT_EQ(answer.ended_attachment_count(), 2);
    EXPECT_EQ(Events().size() == events, validate_only);
  }
  EXPECT_THAT(GetIdentity("goes").attached_to(), ElementsAre("accounts/one"));
  EXPECT_THAT(GetIdentity("remains").attached_to(), ElementsAre("accounts/stays"));
  EXPECT_EQ(roles_->List({})->role_assignments_size(), 3) << "alice's and two of bob's";
}

TEST_F(MovePreviewTest, WhatTheCallerMayNotReadIsCountedOnly) {
  ASSERT_TRUE(MakeBobAdministrator("subscriptions/prod").ok());
  ASSERT_TRUE(MakeBobAdministrator("tenants/fabrikam").ok());
  Attach("identities/remains", "accounts/one");
  Attach("identities/goes", "accounts/stays");
  const MoveSubscriptionResponse answer = Move(/*validate_only=*/true, kBob);
  EXPECT_THAT(Attachments(answer), IsEmpty());
  EXPECT_EQ(answer.ended_attachment_count(), 2);
  ASSERT_TRUE(MakeBobAdministrator("accounts/stays").ok());
  EXPECT_THAT(Attachments(Move(/*validate_only=*/true, kBob)),
              ElementsAre("identities/goes at accounts/stays"));
}

TEST_F(MovePreviewTest, OfManyTheFirstHundredAreNamedAndAllAreCounted) {
  for (int i = 0; i < 101; ++i) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(
        absl::StrCat("spiffe://keyward.local/operator/o", i));
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_READER);
    request.mutable_role_assignment()->set_scope("accounts/one");
    ASSERT_TRUE(roles_->Create(Call(), request).ok());
  }
  ASSERT_TRUE(MakeBobAdministrator("subscriptions/prod").ok());
  const MoveSubscriptionResponse answer = Move(/*validate_only=*/true);
  EXPECT_EQ(answer.ended_role_assignments_size(), 100);
  EXPECT_EQ(answer.ended_role_assignment_count(), 102);
}

}  // namespace
}  // namespace keyward::managed_identity
