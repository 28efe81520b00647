// Accounts that reach their key as a user-assigned identity.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kShared[] = "identities/shared";

class UserAssignedTest : public EncryptionFixture {
 protected:
  void SetUp() override {
    for (const char* id : {"contoso", "second", "plain"}) CreateAccount(id);
    principal_ = identities_.CreateUserAssigned("shared", kTenant);
    key_vault_.Grant(kVault, principal_);
  }

  // Both accounts use the shared identity; the third one its own.
  void ShareAmongTwo() {
    for (const char* id : {"contoso", "second"}) {
      identities_.Attach("shared", Name(id));
      const auto settings = Enable(id, kKey, "", kShared);
      ASSERT_TRUE(settings.ok()) << settings.status();
    }
    EnableCustomerKey("plain");
  }

  v1::Verdict VerdictOf(const std::string& id) { return AccessOf(id).verdict(); }

  std::string principal_;
};

TEST_F(UserAssignedTest, AnAccountUsesTheIdentityThatIsNamed) {
  identities_.Attach("shared", Name("contoso"));
  const auto settings = Enable("contoso", kKey, "", kShared);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->identity(), kShared);
  EXPECT_EQ(settings->customer_key().identity(), kShared);
  EXPECT_EQ(settings->principal_id(), principal_);
  const auto sealed = Encrypt("contoso", "uploads", "object", "text");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  Restart();
  EXPECT_EQ(SettingsOf("contoso").identity(), kShared);
  EXPECT_EQ(Decrypt("contoso", "uploads", "object", *sealed).value(), "text");
}

TEST_F(UserAssignedTest, WithoutANameTheOnlyOneIsTakenAndSeveralAreListed) {
  identities_.Attach("shared", Name("contoso"));
  EXPECT_EQ(Enable("contoso")->identity(), kShared);
  identities_.CreateUserAssigned("spare", kTenant);
  identities_.Attach("shared", Name("second"));
  identities_.Attach("spare", Name("second"));
  EXPECT_EQ(ErrorReason(Enable("second").status()), "IDENTITY_AMBIGUOUS");
  EXPECT_EQ(ErrorReason(Enable("second", kKey, "", "identities/other").status()),
            "IDENTITY_NOT_ATTACHED");
  EXPECT_EQ(ErrorReason(Enable("second", kKey, "", "nonsense").status()), "INVALID_REQUEST");
  // The own one comes first once it is enabled.
  EnableAndGrant("second");
  EXPECT_EQ(Enable("second")->identity(), "identities/second");
}

TEST_F(UserAssignedTest, DeletingTheIdentityTakesAccessFromExactlyThoseThatUseIt) {
  ShareAmongTwo();
  const std::string event = identities_.DeleteUserAssigned("shared");
  for (const char* id : {"contoso", "second"}) {
    EXPECT_EQ(VerdictOf(id), v1::VERDICT_DENIED) << id;
    EXPECT_EQ(AccessOf(id).cause(), v1::CAUSE_IDENTITY_DELETED) << id;
    EXPECT_EQ(AccessOf(id).event(), event) << id;
  }
  EXPECT_EQ(VerdictOf("plain"), v1::VERDICT_ACCESSIBLE);
}

TEST_F(UserAssignedTest, DisablingItDoesToo) {
  ShareAmongTwo();
  identities_.DisableIdentity(Name("shared"));
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_IDENTITY_DISABLED);
  EXPECT_EQ(AccessOf("second").cause(), v1::CAUSE_IDENTITY_DISABLED);
  EXPECT_EQ(VerdictOf("plain"), v1::VERDICT_ACCESSIBLE);
}

TEST_F(UserAssignedTest, DetachingItTakesAccessFromThatAccountAlone) {
  ShareAmongTwo();
  identities_.Attach("shared", Name("plain"));
  const std::string event = identities_.Detach("shared", Name("contoso"));
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_DENIED);
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_IDENTITY_DETACHED);
  EXPECT_EQ(AccessOf("contoso").event(), event);
  EXPECT_THAT(AccessOf("contoso").message(), HasSubstr("AttachIdentity"));
  EXPECT_EQ(VerdictOf("second"), v1::VERDICT_ACCESSIBLE);
  // An account that may use it, but does not, loses nothing.
  identities_.Detach("shared", Name("plain"));
  EXPECT_EQ(VerdictOf("plain"), v1::VERDICT_ACCESSIBLE);
}

TEST_F(UserAssignedTest, AccessComesBackWhenItIsAttachedAgain) {
  ShareAmongTwo();
  identities_.Detach("shared", Name("contoso"));
  EXPECT_EQ(ErrorReason(Revalidate("contoso").status()), "CUSTOMER_KEY_RULES_BROKEN");
  identities_.Attach("shared", Name("contoso"));
  const auto back = Revalidate("contoso");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(back->identity(), kShared);
}

TEST_F(UserAssignedTest, TheOwnIdentityIsNotMissedByWhoUsesAnother) {
  ShareAmongTwo();
  identities_.EnableIdentity(Name("contoso"));
  identities_.DisableIdentity(Name("contoso"));
  EXPECT_EQ(VerdictOf("contoso"), v1::VERDICT_ACCESSIBLE);
}

TEST_F(UserAssignedTest, ARotationStaysWithTheIdentity) {
  ShareAmongTwo();
  key_vault_.RotateKey(kKey);
  const auto settings = Enable("contoso", kKey, "", kShared);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->identity(), kShared);
  // Another identity is another binding.
  EnableAndGrant("contoso");
  EXPECT_EQ(Enable("contoso", kKey, "", "identities/contoso")->identity(), "identities/contoso");
  identities_.Detach("shared", Name("contoso"));
  EXPECT_EQ(VerdictOf("contoso"), v1::VERDICT_ACCESSIBLE);
}

}  // namespace
}  // namespace keyward::encryption::testing
