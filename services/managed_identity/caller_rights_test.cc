// Calls that were let in, and whose right is taken away before they begin to write.

#include "services/managed_identity/caller_rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/auth/authorizer.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/testing/certificates.h"
#include "common/server/method_rules.h"
#include "common/status/error.h"
#include "services/managed_identity/attachment_handler.h"
#include "services/managed_identity/credential_handler.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/identity_hierarchy.h"
#include "services/managed_identity/key_succession.h"
#include "services/managed_identity/token_handler.h"
#include "services/managed_identity/token_signer.h"
#include "services/managed_identity/trusted_issuer_handler.h"

namespace keyward::managed_identity {
namespace {

using crypto::testing::kAuthorityPem;

constexpr char kCarol[] = "spiffe://keyward.local/operator/carol";
constexpr char kIssuer[] = "https://cluster.example";

// Carol administers tenants/contoso, and tenants/third to bring subscriptions to.
// subscriptions/prod of contoso is going to move to fabrikam; subscriptions/kept stays.
class CallerRightsTest : public HandlerFixture {
 protected:
  CallerRightsTest()
      : root_key_(*crypto::FileRootKey::LoadOrCreate(::testing::TempDir() + "/root.key")),
        succession_(*root_key_),
        signer_(*TokenSigner::Open(*changes_, succession_, *root_key_, "https://issuer.test")) {
    for (const char* tenant : {"contoso", "fabrikam", "third"}) MakeTenant(tenant);
    MakeSubscription("prod", "contoso");
    MakeSubscription("kept", "contoso");
    MakeEnabledIdentity("one", "prod");
    MakeIdentity("two", "prod");
    carols_role_ = GiveCarol("tenants/contoso");
    GiveCarol("tenants/third");
    Prepare();
  }

  std::string GiveCarol(const std::string& scope) {
    identity::v1::CreateRoleAssignmentRequest request;
    request.mutable_role_assignment()->set_principal(kCarol);
    request.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
    request.mutable_role_assignment()->set_scope(scope);
    const auto given = roles_->Create(Call(), request);
    EXPECT_TRUE(given.ok()) << given.status();
    return given.ok() ? given->name() : "";
  }

  // What carol shall find there.
  void Prepare() {
    identity::v1::CreateTrustedIssuerRequest issuer;
    issuer.set_trusted_issuer_id("cluster");
    issuer.mutable_trusted_issuer()->set_issuer(kIssuer);
    issuer.mutable_trusted_issuer()->set_ca_certificates(kAuthorityPem);
    EXPECT_TRUE(issuers_.Create(Call(), issuer).ok());
    for (const auto& [id, subscription] : {std::pair("shared", "prod"), std::pair("far", "kept")}) {
      identity::v1::CreateUserAssignedIdentityRequest request;
      request.set_identity_id(id);
      request.set_subscription(std::string("subscriptions/") + subscription);
      EXPECT_TRUE(attachments_.CreateUserAssigned(Call(), request).ok());
    }
    EXPECT_TRUE(credentials_.Create(Call(), Credential("old")).ok());
  }

  static identity::v1::CreateFederatedCredentialRequest Credential(const std::string& id) {
    identity::v1::CreateFederatedCredentialRequest request;
    request.set_parent("identities/one");
    request.set_federated_credential_id(id);
    request.mutable_federated_credential()->set_issuer(kIssuer);
    request.mutable_federated_credential()->set_subject("subject of " + id);
    request.mutable_federated_credential()->add_audiences("keyward");
    return request;
  }

  // A call by carol, whom the Authorizer lets in as things are now.
  template <typename Request>
  server::CallContext LetIn(const Request& request) {
    server::CallContext call = Call();
    call.caller.principal = kCarol;
    call.caller.name = "carol";
    call.rule = server::FindRule(*server::FindMethodByRequest(*Request::descriptor()));
    call.resource = server::ResourceOf(*call.rule, request);
    EXPECT_EQ(authorizer_.Authorize(call.caller, *call.rule, call.resource), absl::OkStatus());
    return call;
  }

  // Lets the call in now, to be handled when it is run.
  template <typename Handler, typename Request, typename Response>
  void Pend(const char* what, const Handler& handler,
            absl::StatusOr<Response> (Handler::*method)(const server::CallContext&, const Request&)
                const,
            const std::type_identity_t<Request>& request) {
    pending_[what] = [&handler, method, request, call = LetIn(request)] {
      return (handler.*method)(call, request).status();
    };
  }

  void PendEverything() {
    Pend("CreateFederatedCredential", credentials_, &CredentialHandler::Create, Credential("new"));
    identity::v1::DeleteFederatedCredentialRequest end_credential;
    end_credential.set_name("identities/one/federatedCredentials/old");
    Pend("DeleteFederatedCredential", credentials_, &CredentialHandler::Delete, end_credential);
    identity::v1::CreateUserAssignedIdentityRequest create;
    create.set_identity_id("extra");
    create.set_subscription("subscriptions/prod");
    Pend("CreateUserAssignedIdentity", attachments_, &AttachmentHandler::CreateUserAssigned,
         create);
    identity::v1::AttachIdentityRequest attach;
    attach.set_name("identities/shared");
    attach.set_resource("accounts/one");
    Pend("AttachIdentity", attachments_, &AttachmentHandler::Attach, attach);
    attach.set_name("identities/far");
    Pend("AttachIdentity to what moves", attachments_, &AttachmentHandler::Attach, attach);
    identity::v1::DetachIdentityRequest detach;
    detach.set_name("identities/shared");
    detach.set_resource("accounts/one");
    Pend("DetachIdentity", attachments_, &AttachmentHandler::Detach, detach);
    identity::v1::EnableIdentityRequest enable;
    enable.set_name("identities/two");
    Pend("EnableIdentity", *identities_, &IdentityHandler::Enable, enable);
    identity::v1::DisableIdentityRequest disable;
    disable.set_name("identities/one");
    Pend("DisableIdentity", *identities_, &IdentityHandler::Disable, disable);
    disable.set_validate_only(true);
    Pend("DisableIdentity, only to see", *identities_, &IdentityHandler::Disable, disable);
    identity::v1::DeleteIdentityRequest remove;
    remove.set_name("identities/one");
    Pend("DeleteIdentity", *identities_, &IdentityHandler::Delete, remove);
    identity::v1::CreateRoleAssignmentRequest assign;
    assign.mutable_role_assignment()->set_principal(kCarol);
    assign.mutable_role_assignment()->set_role(identity::v1::ROLE_ADMINISTRATOR);
    assign.mutable_role_assignment()->set_scope("accounts/one");
    Pend("CreateRoleAssignment", *roles_, &RoleHandler::Create, assign);
    identity::v1::MoveSubscriptionRequest move;
    move.set_name("subscriptions/prod");
    move.set_destination_tenant("tenants/third");
    Pend("MoveSubscription", *subscriptions_, &SubscriptionHandler::Move, move);
    identity::v1::IssueTokenRequest issue;
    issue.set_identity("identities/one");
    issue.set_audience("key_vault");
    Pend("IssueToken", tokens_, &TokenHandler::Issue, issue);
  }

  void ExpectAllRefused() {
    const size_t events = Events().size();
    for (const auto& [what, run] : pending_) {
      const absl::Status status = run();
      EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << what << ": " << status;
      EXPECT_EQ(ErrorReason(status), "NOT_AUTHORIZED") << what;
    }
    EXPECT_EQ(Events().size(), events);
  }

  IdentityHierarchy hierarchy_{*database_};
  auth::Authorizer authorizer_{*directory_, hierarchy_, nullptr, [] { return absl::OkStatus(); }};
  const std::unique_ptr<crypto::FileRootKey> root_key_;
  KeySuccession succession_;
  const std::unique_ptr<TokenSigner> signer_;
  const AttachmentHandler attachments_{*changes_};
  const CredentialHandler credentials_{*changes_};
  const TrustedIssuerHandler issuers_{*changes_};
  const TokenHandler tokens_{*changes_, *signer_, clock_};
  std::string carols_role_;
  std::map<std::string, std::function<absl::Status()>> pending_;
};

TEST_F(CallerRightsTest, WhatMovedMeanwhileIsNoBusinessOfTheOldTenantsAdministrator) {
  PendEverything();
  identity::v1::MoveSubscriptionRequest move;
  move.set_name("subscriptions/prod");
  move.set_destination_tenant("tenants/fabrikam");
  ASSERT_TRUE(subscriptions_->Move(Call(), move).ok());
  // The new tenant begins to work with it.
  EnableIdentity("one");
  ExpectAllRefused();
  EXPECT_EQ(GetIdentity("one").tenant(), "tenants/fabrikam");
  EXPECT_EQ(GetIdentity("one").state(), identity::v1::Identity::STATE_ENABLED);
}

TEST_F(CallerRightsTest, WhoLostTheRoleMeanwhileChangesNothing) {
  PendEverything();
  identity::v1::DeleteRoleAssignmentRequest withdraw;
  withdraw.set_name(carols_role_);
  ASSERT_TRUE(roles_->Delete(Call(), withdraw).ok());
  ExpectAllRefused();
}

TEST_F(CallerRightsTest, WhoHasTheRightStillIsServed) {
  PendEverything();
  for (const char* what :
       {"CreateFederatedCredential", "DeleteFederatedCredential", "CreateUserAssignedIdentity",
        "AttachIdentity", "AttachIdentity to what moves", "DetachIdentity", "EnableIdentity",
        "CreateRoleAssignment", "IssueToken", "DisableIdentity, only to see", "DisableIdentity",
        "DeleteIdentity", "MoveSubscription"}) {
    EXPECT_EQ(pending_.at(what)(), absl::OkStatus()) << what;
    pending_.erase(what);
  }
  EXPECT_TRUE(pending_.empty());
}

}  // namespace
}  // namespace keyward::managed_identity
