#include "services/managed_identity/attachment_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/status/error.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/handler_fixture.h"
#include "services/managed_identity/uuid.h"

namespace keyward::managed_identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using State = identity::v1::Identity;

class AttachmentHandlerTest : public HandlerFixture {
 protected:
  AttachmentHandlerTest() {
    MakeTenant("contoso");
    MakeTenant("fabrikam");
    MakeSubscription("prod", "contoso");
    MakeSubscription("test", "contoso");
    MakeSubscription("other", "fabrikam");
    MakeIdentity("one", "prod");
    MakeIdentity("two", "prod");
    MakeIdentity("far", "other");
  }

  absl::StatusOr<identity::v1::Identity> Create(const std::string& id,
                                                const std::string& subscription = "prod") {
    identity::v1::CreateUserAssignedIdentityRequest request;
    request.set_identity_id(id);
    request.set_subscription("subscriptions/" + subscription);
    return attachments_.CreateUserAssigned(Call(), request);
  }

  absl::StatusOr<identity::v1::Identity> Attach(const std::string& id, const std::string& account) {
    identity::v1::AttachIdentityRequest request;
    request.set_name("identities/" + id);
    request.set_resource("accounts/" + account);
    return attachments_.Attach(Call(), request);
  }

  absl::StatusOr<identity::v1::DetachIdentityResponse> Detach(const std::string& id,
                                                              const std::string& account,
                                                              bool validate_only = false) {
    identity::v1::DetachIdentityRequest request;
    request.set_name("identities/" + id);
    request.set_resource("accounts/" + account);
    request.set_validate_only(validate_only);
    return attachments_.Detach(Call(), request);
  }

  absl::StatusOr<identity::v1::Identity> Select(const std::string& account,
                                                const std::string& identity = "") {
    identity::v1::SelectIdentityRequest request;
    request.set_resource("accounts/" + account);
    if (!identity.empty()) request.set_identity("identities/" + identity);
    return attachments_.Select(request);
  }

  absl::Status Delete(const std::string& id) {
    identity::v1::DeleteIdentityRequest request;
    request.set_name("identities/" + id);
    return identities_->Delete(Call(), request).status();
  }

  absl::Status Move(const std::string& subscription, const std::string& tenant) {
    identity::v1::MoveSubscriptionRequest request;
    request.set_name("subscriptions/" + subscription);
    request.set_destination_tenant("tenants/" + tenant);
    return subscriptions_->Move(Call(), request).status();
  }

  AttachmentHandler attachments_{*changes_};
};

TEST_F(AttachmentHandlerTest, AUserAssignedIdentityIsEnabledAtOnceAndItsOwnResource) {
  const auto made = Create("shared");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->kind(), State::KIND_USER_ASSIGNED);
  EXPECT_EQ(made->state(), State::STATE_ENABLED);
  EXPECT_EQ(made->resource(), "identities/shared");
  EXPECT_EQ(made->tenant(), "tenants/contoso");
  EXPECT_TRUE(IsUuid(made->principal_id()));
  EXPECT_TRUE(directory_->FindPrincipal(made->principal_id())->active);
  EXPECT_EQ(GetIdentity("one").kind(), State::KIND_SYSTEM_ASSIGNED);
  EXPECT_EQ(ErrorReason(Create("shared").status()), "IDENTITY_EXISTS");
  EXPECT_EQ(ErrorReason(Create("one").status()), "IDENTITY_EXISTS");
  EXPECT_EQ(ErrorReason(Create("lost", "nowhere").status()), "SUBSCRIPTION_NOT_FOUND");
}

TEST_F(AttachmentHandlerTest, DeletingOneDestroysItsPrincipalForGoodAndItsAttachments) {
  const std::string principal = Create("shared")->principal_id();
  ASSERT_TRUE(Attach("shared", "one").ok());
  ASSERT_TRUE(Delete("shared").ok());
  EXPECT_FALSE(directory_->FindPrincipal(principal)->active);
  EXPECT_EQ(EventLines().back(), "IdentityDeleted identities/shared");
  EXPECT_EQ(ErrorReason(Select("one", "shared").status()), "IDENTITY_NOT_ATTACHED");
  EXPECT_EQ(ErrorReason(Attach("shared", "one").status()), "IDENTITY_DELETED");

  const auto again = Create("shared");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->principal_id(), principal);
  EXPECT_FALSE(directory_->FindPrincipal(principal)->active);
  EXPECT_THAT(GetIdentity("shared").attached_to(), IsEmpty());
}

TEST_F(AttachmentHandlerTest, OneServesManyResourcesAndTheFeedTells) {
  const std::string principal = Create("shared")->principal_id();
  ASSERT_TRUE(Attach("shared", "one").ok());
  const auto both = Attach("shared", "two");
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(both->attached_to(), ElementsAre("accounts/one", "accounts/two"));
  const size_t events = Events().size();
  ASSERT_TRUE(Attach("shared", "two").ok());
  EXPECT_EQ(Events().size(), events);

  const auto preview = Detach("shared", "one", /*validate_only=*/true);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_THAT(preview->identity().attached_to(), ElementsAre("accounts/two"));
  EXPECT_EQ(Events().size(), events);
  const auto detached = Detach("shared", "one");
  ASSERT_TRUE(detached.ok()) << detached.status();
  EXPECT_THAT(GetIdentity("shared").attached_to(), ElementsAre("accounts/two"));
  identity::v1::AttachmentChanged change;
  ASSERT_TRUE(Events().back().data().UnpackTo(&change));
  EXPECT_EQ(Events().back().type(), "keyward.identity.IdentityDetached");
  EXPECT_EQ(detached->delivery().sequence(), Events().back().sequence());
  EXPECT_EQ(change.resource(), "accounts/one");
  EXPECT_EQ(change.principal_id(), principal);
  EXPECT_FALSE(change.attached());
  ASSERT_TRUE(Detach("shared", "one").ok());
  EXPECT_EQ(Events().size(), events + 1);
}

TEST_F(AttachmentHandlerTest, TheAuditTellsToWhatAlsoOfARefusal) {
  for (const char* resource : {"accounts/one", "accounts/nobody"}) {
    identity::v1::AttachIdentityRequest request;
    request.set_name("identities/shared");
    request.set_resource(resource);
    const server::CallContext call = Call();
    (void)attachments_.Attach(call, request);
    EXPECT_EQ(call.Notes().at("resource"), resource);
  }
}

TEST_F(AttachmentHandlerTest, OnlyUserAssignedOnesOfTheTenantCanBeAttached) {
  ASSERT_TRUE(Create("shared").ok());
  EXPECT_EQ(ErrorReason(Attach("one", "two").status()), "IDENTITY_NOT_USER_ASSIGNED");
  EXPECT_EQ(ErrorReason(Attach("shared", "nobody").status()), "RESOURCE_UNKNOWN");
  EXPECT_EQ(ErrorReason(Attach("nobody", "one").status()), "IDENTITY_NOT_FOUND");
  const absl::Status far = Attach("shared", "far").status();
  EXPECT_EQ(far.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(far), "OTHER_TENANT");
  identity::v1::CreateIdentityRequest request;
  request.set_identity_id("three");
  request.set_resource("identities/three");
  request.set_subscription("subscriptions/prod");
  EXPECT_EQ(ErrorReason(identities_->Create(Call(), request).status()), "INVALID_REQUEST");
}

TEST_F(AttachmentHandlerTest, WhoMayNotManageTheResourceMayNotBringItUnderAnIdentity) {
  ASSERT_TRUE(Create("shared").ok());
  server::CallContext mallory = Call();
  mallory.caller.principal = "spiffe://keyward.local/operator/mallory";
  identity::v1::AttachIdentityRequest request;
  request.set_name("identities/shared");
  request.set_resource("accounts/one");
  EXPECT_EQ(ErrorReason(attachments_.Attach(mallory, request).status()), "NOT_AUTHORIZED");
  EXPECT_THAT(GetIdentity("shared").attached_to(), IsEmpty());
}

TEST_F(AttachmentHandlerTest, TheChoiceIsTheOwnElseTheOnlyOneElseAnErrorThatListsThem) {
  ASSERT_TRUE(Create("shared").ok());
  ASSERT_TRUE(Create("spare").ok());
  // Nothing is enabled: the one that could be.
  EXPECT_EQ(Select("one")->name(), "identities/one");
  ASSERT_TRUE(Attach("shared", "one").ok());
  EXPECT_EQ(Select("one")->name(), "identities/shared");
  ASSERT_TRUE(Attach("spare", "one").ok());
  const absl::Status status = Select("one").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "IDENTITY_AMBIGUOUS");
  EXPECT_THAT(std::string(status.message()), HasSubstr("identities/shared, identities/spare"));
  EXPECT_EQ(Select("one", "spare")->name(), "identities/spare");
  EXPECT_EQ(Select("one", "one")->name(), "identities/one");
  EXPECT_EQ(ErrorReason(Select("one", "two").status()), "IDENTITY_NOT_ATTACHED");
  EXPECT_EQ(ErrorReason(Select("nobody").status()), "RESOURCE_UNKNOWN");
  EnableIdentity("one");
  EXPECT_EQ(Select("one")->name(), "identities/one");
}

TEST_F(AttachmentHandlerTest, AMoveTakesTheIdentityFromWhatStaysBehind) {
  const std::string principal = Create("shared", "test")->principal_id();
  ASSERT_TRUE(Attach("shared", "one").ok());
  ASSERT_TRUE(Move("test", "fabrikam").ok());
  EXPECT_FALSE(directory_->FindPrincipal(principal)->active);
  EXPECT_THAT(GetIdentity("shared").attached_to(), IsEmpty());
  EXPECT_EQ(GetIdentity("shared").state(), State::STATE_DISABLED);
}

TEST_F(AttachmentHandlerTest, AMoveTakesTheResourceFromWhatStaysBehind) {
  const std::string principal = Create("shared", "test")->principal_id();
  ASSERT_TRUE(Attach("shared", "one").ok());
  ASSERT_TRUE(Move("prod", "fabrikam").ok());
  EXPECT_TRUE(directory_->FindPrincipal(principal)->active);
  EXPECT_THAT(GetIdentity("shared").attached_to(), IsEmpty());
  EXPECT_THAT(EventLines(), ::testing::Contains("IdentityDetached identities/shared"));
  // What moves together stays together, but for the principal.
  ASSERT_TRUE(Move("prod", "contoso").ok());
  ASSERT_TRUE(Create("along", "prod").ok());
  ASSERT_TRUE(Attach("along", "one").ok());
  ASSERT_TRUE(Move("prod", "fabrikam").ok());
  EXPECT_THAT(GetIdentity("along").attached_to(), ElementsAre("accounts/one"));
  EXPECT_EQ(GetIdentity("along").state(), State::STATE_DISABLED);
}

TEST_F(AttachmentHandlerTest, AttachmentsGoWithTheResource) {
  ASSERT_TRUE(Create("shared").ok());
  ASSERT_TRUE(Attach("shared", "one").ok());
  ASSERT_TRUE(Delete("one").ok());
  EXPECT_THAT(GetIdentity("shared").attached_to(), IsEmpty());
  EXPECT_EQ(ErrorReason(Select("one").status()), "RESOURCE_UNKNOWN");
}

TEST_F(AttachmentHandlerTest, AttachmentsShowNoNamesThatTheCallerMayNotRead) {
  MakeIdentity("three", "test");
  ASSERT_TRUE(Create("shared").ok());
  for (const char* account : {"one", "two", "three"}) ASSERT_TRUE(Attach("shared", account).ok());
  ASSERT_TRUE(MakeBobAdministrator("identities/shared").ok());
  ASSERT_TRUE(MakeBobAdministrator("accounts/one").ok());
  ASSERT_TRUE(MakeBobAdministrator("subscriptions/test").ok());
  server::CallContext bob = Call();
  bob.caller.principal = "spiffe://keyward.local/operator/bob";

  identity::v1::GetIdentityRequest get;
  get.set_name("identities/shared");
  auto seen = identities_->Get(bob, get);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(seen->attached_to(), ElementsAre("accounts/one", "accounts/three"));
  EXPECT_EQ(seen->attached_to_others(), 1);

  identity::v1::AttachIdentityRequest attach;
  attach.set_name("identities/shared");
  attach.set_resource("accounts/one");
  seen = attachments_.Attach(bob, attach);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(seen->attached_to(), ElementsAre("accounts/one", "accounts/three"));
  EXPECT_EQ(seen->attached_to_others(), 1);

  identity::v1::DetachIdentityRequest detach;
  detach.set_name("identities/shared");
  detach.set_resource("accounts/one");
  const auto detached = attachments_.Detach(bob, detach);
  ASSERT_TRUE(detached.ok()) << detached.status();
  EXPECT_THAT(detached->identity().attached_to(), ElementsAre("accounts/three"));
  EXPECT_EQ(detached->identity().attached_to_others(), 1);

  // Who may read all of them sees all of them.
  EXPECT_THAT(GetIdentity("shared").attached_to(), ElementsAre("accounts/three", "accounts/two"));
  EXPECT_EQ(GetIdentity("shared").attached_to_others(), 0);
}

TEST_F(AttachmentHandlerTest, ADeletedUserAssignedOneIsNotEnabledAgain) {
  ASSERT_TRUE(Create("shared").ok());
  ASSERT_TRUE(Delete("shared").ok());
  identity::v1::EnableIdentityRequest enable;
  enable.set_name("identities/shared");
  const absl::Status refused = identities_->Enable(Call(), enable).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(refused), "IDENTITY_DELETED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("CreateUserAssignedIdentity"));
}

TEST_F(AttachmentHandlerTest, AnAccountMayHaveTheNameOfADeletedIdentity) {
  ASSERT_TRUE(Create("three").ok());
  ASSERT_TRUE(Attach("three", "one").ok());
  ASSERT_TRUE(Delete("three").ok());
  MakeIdentity("three", "other");
  const identity::v1::Identity three = GetIdentity("three");
  EXPECT_EQ(three.resource(), "accounts/three");
  EXPECT_EQ(three.kind(), State::KIND_SYSTEM_ASSIGNED);
  EXPECT_EQ(three.tenant(), "tenants/fabrikam");
  EXPECT_EQ(three.attached_to_size(), 0);
  EXPECT_EQ(Select("three")->name(), "identities/three");
}

}  // namespace
}  // namespace keyward::managed_identity
