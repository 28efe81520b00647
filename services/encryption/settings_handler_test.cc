#include "services/encryption/settings_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "common/status/error.h"
#include "services/encryption/testing/encryption_fixture.h"

namespace keyward::encryption::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kRequestId[] = "7b0c9f7e-2a57-4c1e-9a44-3a1f0b8f6f10";

class SettingsHandlerTest : public EncryptionFixture {
 protected:
  void SetUp() override { CreateAccount("contoso"); }

  std::map<v1::Rule, v1::RuleVerdict> RulesOf(const std::string& id,
                                              const std::string& key = kKey) {
    const auto response = Validate(id, key);
    EXPECT_TRUE(response.ok()) << response.status();
    std::map<v1::Rule, v1::RuleVerdict> rules;
    for (const auto& verdict : response->rules()) rules[verdict.rule()] = verdict;
    return rules;
  }
  std::string WrappedKey() { return Sql("SELECT wrapped_key FROM accounts"); }
};

TEST_F(SettingsHandlerTest, ANewAccountIsPlatformManaged) {
  const v1::EncryptionSettings settings = SettingsOf("contoso");
  EXPECT_EQ(settings.name(), "accounts/contoso/encryptionSettings");
  EXPECT_EQ(settings.key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
  EXPECT_FALSE(settings.double_encryption());
  EXPECT_FALSE(settings.has_customer_key());
  EXPECT_EQ(settings.access().verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(settings.identity(), "identities/contoso");
  EXPECT_EQ(settings.principal_id(), "");
}

TEST_F(SettingsHandlerTest, AccountsOfATierWithoutCustomerKeysHaveNoSettings) {
  v1::CreateAccountRequest request;
  request.set_account_id("free");
  request.mutable_account()->set_subscription(kSubscription);
  request.mutable_account()->set_region("westeurope");
  request.mutable_account()->set_tier("F0");
  ASSERT_TRUE(core_->accounts().Create(Call(), request).ok());
  v1::GetEncryptionSettingsRequest get;
  get.set_account("accounts/free");
  EXPECT_EQ(ErrorReason(core_->settings().Get(Call(), get).status()),
            "TIER_WITHOUT_ENCRYPTION_SETTINGS");
  EXPECT_EQ(RulesOf("free")[v1::RULE_TIER_SUPPORTS_CUSTOMER_KEYS].outcome(),
            v1::RuleVerdict::OUTCOME_BROKEN);
  EXPECT_EQ(ErrorReason(Enable("free").status()), "CUSTOMER_KEY_RULES_BROKEN");
}

TEST_F(SettingsHandlerTest, ValidateReportsEveryBrokenRuleAndThenThatAllHold) {
  auto rules = RulesOf("contoso");
  EXPECT_EQ(rules.size(), 14u);
  EXPECT_EQ(rules[v1::RULE_IDENTITY_IS_ENABLED].outcome(), v1::RuleVerdict::OUTCOME_BROKEN);
  EXPECT_EQ(rules[v1::RULE_ACCESS_POLICY_GRANTS].outcome(), v1::RuleVerdict::OUTCOME_NOT_CHECKED);
  EXPECT_EQ(rules[v1::RULE_PROBE_SUCCEEDS].outcome(), v1::RuleVerdict::OUTCOME_NOT_CHECKED);
  const std::string principal = identities_.EnableIdentity(Name("contoso"));
  rules = RulesOf("contoso");
  EXPECT_EQ(rules[v1::RULE_ACCESS_POLICY_GRANTS].outcome(), v1::RuleVerdict::OUTCOME_BROKEN);
  EXPECT_THAT(rules[v1::RULE_ACCESS_POLICY_GRANTS].message(), HasSubstr(principal));
  key_vault_.Grant(kVault, principal);
  const auto response = Validate("contoso");
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->valid()) << response->DebugString();
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
}

TEST_F(SettingsHandlerTest, AVaultOfAnotherTenantLooksExactlyLikeNone) {
  key_vault_.CreateVault("vaults/foreign", "tenants/fabrikam", "westeurope");
  key_vault_.CreateKey("vaults/foreign/keys/k");
  auto foreign = RulesOf("contoso", "vaults/foreign/keys/k");
  auto none = RulesOf("contoso", "vaults/nowhere/keys/k");
  for (auto& [rule, verdict] : foreign) {
    EXPECT_EQ(verdict.outcome(), none[rule].outcome());
    std::string message = verdict.message();
    if (const size_t at = message.find("foreign"); at != std::string::npos) {
      message.replace(at, 7, "nowhere");
    }
    EXPECT_EQ(message, none[rule].message());
  }
}

TEST_F(SettingsHandlerTest, ValidateSaysSoIfKeyVaultDoesNotAnswer) {
  EnableAndGrant("contoso");
  key_vault_.SetOutage(absl::UnavailableError("connection refused"));
  EXPECT_EQ(Validate("contoso").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(SettingsHandlerTest, EnableNamesThePrincipalToGrantAndThenWorks) {
  const auto refused = Enable("contoso");
  EXPECT_EQ(ErrorReason(refused.status()), "CUSTOMER_KEY_RULES_BROKEN");
  const std::string principal = SettingsOf("contoso").principal_id();
  EXPECT_FALSE(principal.empty());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(principal));
  key_vault_.Grant(kVault, principal);
  const auto settings = Enable("contoso");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->key_source(), v1::KEY_SOURCE_CUSTOMER_MANAGED);
  EXPECT_EQ(settings->customer_key().key(), kKey);
  EXPECT_EQ(settings->key_version_in_use(), key_version_);
  EXPECT_TRUE(settings->double_encryption());
  EXPECT_EQ(settings->principal_id(), principal);
  EXPECT_EQ(Published("keyward.encryption.KeySourceChanged").size(), 1u);
}

TEST_F(SettingsHandlerTest, DataStaysReadableThroughEveryChangeOfKey) {
  const std::string before = *Encrypt("contoso", "models", "m", "first");
  EnableCustomerKey("contoso");
  const std::string under_customer = *Encrypt("contoso", "models", "n", "second");
  key_vault_.CreateVault("vaults/w", kTenant, "westeurope");
  key_vault_.CreateKey("vaults/w/keys/k");
  key_vault_.Grant("vaults/w", SettingsOf("contoso").principal_id());
  ASSERT_TRUE(Enable("contoso", "vaults/w/keys/k").ok());
  EXPECT_EQ(*Decrypt("contoso", "models", "m", before), "first");
  EXPECT_EQ(*Decrypt("contoso", "models", "n", under_customer), "second");
  const auto reverted = Revert("contoso");
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_EQ(reverted->key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
  EXPECT_EQ(*Decrypt("contoso", "models", "m", before), "first");
  EXPECT_EQ(*Decrypt("contoso", "models", "n", under_customer), "second");
  // And the old key means nothing any more.
  key_vault_.DeleteVault(kVault);
  key_vault_.DeleteVault("vaults/w");
  Restart();
  EXPECT_EQ(*Decrypt("contoso", "models", "m", before), "first");
}

TEST_F(SettingsHandlerTest, AnOldWrappingIsWorthNothingAfterEnabling) {
  const std::string object = *Encrypt("contoso", "models", "m", "secret");
  const std::string old_wrapping = WrappedKey();
  EnableCustomerKey("contoso");
  EXPECT_NE(WrappedKey(), old_wrapping);
  // Somebody who kept a copy of the row puts it back, and everything that says platform-managed.
  ASSERT_TRUE(database_
                  ->Write([&](storage::Transaction& tx) {
                    return tx
                        .Execute(
                            "UPDATE accounts SET wrapped_key = :key, key_number = 1, "
                            "platform_version = 1, vault = ''",
                            {{"key", old_wrapping}})
                        .status();
                  })
                  .ok());
  Restart();
  EXPECT_FALSE(Decrypt("contoso", "models", "m", object).ok());
  EXPECT_FALSE(Encrypt("contoso", "models", "m", "more").ok());
}

TEST_F(SettingsHandlerTest, NeitherWrappingIsLeftInAnyFile) {
  ASSERT_TRUE(Encrypt("contoso", "uploads", "d", "x").ok());
  const std::string account_key = WrappedKey();
  const std::string scope_key = Sql("SELECT wrapped FROM scope_keys");
  EnableCustomerKey("contoso");
  EXPECT_FALSE(FilesContain(account_key));
  EXPECT_FALSE(FilesContain(scope_key));
  const std::string live = Sql("SELECT wrapped FROM scope_keys");
  EXPECT_TRUE(FilesContain(live));
  key_vault_.SetEnabled(kKey, false);
  core_->background().RunScrub();
  EXPECT_FALSE(FilesContain(live));
}

TEST_F(SettingsHandlerTest, ARepeatedRequestGetsTheFirstAnswerThoughNothingAnswersAnyMore) {
  EnableAndGrant("contoso");
  const auto first = Enable("contoso", kKey, kRequestId);
  ASSERT_TRUE(first.ok()) << first.status();
  key_vault_.SetOutage(absl::UnavailableError("down"));
  identities_.SetOutage(absl::UnavailableError("down"));
  const auto second = Enable("contoso", kKey, kRequestId);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Published("keyward.encryption.KeySourceChanged").size(), 1u);
  EXPECT_EQ(ErrorReason(Enable("contoso", key_version_, kRequestId).status()), "REQUEST_ID_REUSED");
}

TEST_F(SettingsHandlerTest, AnOutageWhileEnablingChangesNothing) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] { key_vault_.SetOutage(absl::UnavailableError("down")); });
  EXPECT_EQ(Enable("contoso").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
  EXPECT_TRUE(Encrypt("contoso", "uploads", "d", "x").ok());
}

// The baseline: what key_vault said at the inspection may be old by the time of the commit.

TEST_F(SettingsHandlerTest, ALossBetweenInspectionAndBindingIsNotMissed) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] { key_vault_.SetEnabled(kKey, false); });
  const auto settings = Enable("contoso");
  EXPECT_EQ(ErrorReason(settings.status()), "CUSTOMER_KEY_RULES_BROKEN") << settings.status();
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
}

TEST_F(SettingsHandlerTest, AnUndoneLossBetweenInspectionAndBindingMakesItInspectAgain) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] {
    key_vault_.SetEnabled(kKey, false);
    key_vault_.SetEnabled(kKey, true);
  });
  ASSERT_TRUE(Enable("contoso").ok());
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(Sql("SELECT vault_sequence FROM accounts"), std::to_string(key_vault_.feed().newest()));
}

TEST_F(SettingsHandlerTest, ALossSeenOnlyAfterBindingTakesTheNewBinding) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] {
    key_vault_.feed().Hold();
    key_vault_.SetPolicy(kVault, "someone-else", {});
  });
  ASSERT_TRUE(Enable("contoso").ok());
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  key_vault_.feed().Release();
  EXPECT_EQ(AccessOf("contoso").cause(), v1::CAUSE_KEY_DISABLED);
}

TEST_F(SettingsHandlerTest, ChangesOfOtherVaultsDoNotStandInTheWay) {
  EnableAndGrant("contoso");
  key_vault_.AfterInspect([&] { key_vault_.SetPolicy("vaults/w", "someone", {"get"}); });
  EXPECT_TRUE(Enable("contoso").ok());
}

TEST_F(SettingsHandlerTest, BindingWaitsForTheFeedAndGivesUpWithoutIt) {
  EnableAndGrant("contoso");
  key_vault_.feed().Hold();
  key_vault_.SetPolicy(kVault, "someone-else", {});
  WhileTimePasses(
      [&] { EXPECT_EQ(Enable("contoso").status().code(), absl::StatusCode::kUnavailable); });
  EXPECT_EQ(SettingsOf("contoso").key_source(), v1::KEY_SOURCE_PLATFORM_MANAGED);
  key_vault_.feed().Release();
  EXPECT_TRUE(Enable("contoso").ok());
}

TEST_F(SettingsHandlerTest, MovingToAnotherKeyDoesNotWashALossOfTheOldOneAway) {
  EnableCustomerKey("contoso");
  ASSERT_TRUE(Encrypt("contoso", "uploads", "d", "x").ok());
  key_vault_.CreateVault("vaults/w", kTenant, "westeurope");
  key_vault_.CreateKey("vaults/w/keys/k");
  key_vault_.Grant("vaults/w", SettingsOf("contoso").principal_id());
  key_vault_.feed().Hold();
  key_vault_.SetEnabled(kKey, false);
  key_vault_.SetEnabled(kKey, true);
  key_vault_.AfterInspect([&] { key_vault_.feed().Release(); });
  Enable("contoso", "vaults/w/keys/k").IgnoreError();
  EXPECT_EQ(AccessOf("contoso").epoch(), 2);
  EXPECT_EQ(Published("keyward.encryption.AccessLost").size(), 1u);
}

TEST_F(SettingsHandlerTest, RevertNeedsAccessOnceMore) {
  EnableCustomerKey("contoso");
  key_vault_.SetOutage(absl::UnavailableError("down"));
  EXPECT_EQ(Revert("contoso").status().code(), absl::StatusCode::kUnavailable);
  key_vault_.SetOutage(absl::OkStatus());
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(Revert("contoso").status()), "ACCESS_DENIED");
  key_vault_.SetEnabled(kKey, true);
  ASSERT_TRUE(Revalidate("contoso").ok());
  EXPECT_TRUE(Revert("contoso").ok());
  EXPECT_TRUE(Revert("contoso").ok());
}

TEST_F(SettingsHandlerTest, EnablingAgainWhileDeniedRestoresFirst) {
  EnableCustomerKey("contoso");
  key_vault_.SetEnabled(kKey, false);
  EXPECT_EQ(ErrorReason(Enable("contoso").status()), "CUSTOMER_KEY_RULES_BROKEN");
  key_vault_.SetEnabled(kKey, true);
  const auto settings = Enable("contoso");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->access().verdict(), v1::VERDICT_ACCESSIBLE);
}

TEST_F(SettingsHandlerTest, AFollowedKeyIsTakenOverAtItsNewestVersionAndAPinnedOneIsNot) {
  CreateAccount("pinned");
  EnableCustomerKey("contoso");
  EnableCustomerKey("pinned", key_version_);
  const std::string object = *Encrypt("contoso", "models", "m", "text");
  const std::string newest = key_vault_.RotateKey(kKey);
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), key_version_);
  core_->background().RunWork();
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), newest);
  EXPECT_EQ(SettingsOf("pinned").key_version_in_use(), key_version_);
  EXPECT_EQ(*Decrypt("contoso", "models", "m", object), "text");
  key_vault_.SetEnabled(key_version_, false);
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
  EXPECT_EQ(AccessOf("pinned").verdict(), v1::VERDICT_DENIED);
}

TEST_F(SettingsHandlerTest, AVersionThatIsNotFitIsNotTakenOver) {
  EnableCustomerKey("contoso");
  key_vault_.feed().Hold();
  const std::string newest = key_vault_.RotateKey(kKey);
  key_vault_.SetKeyOps(newest, {"unwrapKey"});
  key_vault_.feed().Release();
  core_->background().RunWork();
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), key_version_);
  EXPECT_TRUE(Encrypt("contoso", "uploads", "d", "x").ok());
}

TEST_F(SettingsHandlerTest, VersionsMadeWhileAccessWasLostAreTakenOverAfterwards) {
  EnableCustomerKey("contoso");
  key_vault_.SetEnabled(key_version_, false);
  const std::string newest = key_vault_.RotateKey(kKey);
  key_vault_.SetEnabled(key_version_, true);
  core_->background().RunWork();
  core_->background().RunWork();
  EXPECT_EQ(SettingsOf("contoso").key_version_in_use(), newest);
}

TEST_F(SettingsHandlerTest, PreviewSumsUpWhatWouldBeLost) {
  CreateAccount("second");
  EnableCustomerKey("contoso");
  EnableCustomerKey("second");
  v1::ReportUsageRequest usage;
  usage.set_account("accounts/contoso");
  usage.set_uploads(3);
  usage.set_upload_bytes(1000);
  usage.set_deployed_models(1);
  ASSERT_TRUE(core_->data().ReportUsage(Call(), usage).ok());
  const std::pair<std::string, v1::Cause> both[] = {
      {kVault, v1::CAUSE_VAULT_DELETED},
      {kKey, v1::CAUSE_KEY_DISABLED},
      {key_version_, v1::CAUSE_KEY_DISABLED},
      {kSubscription, v1::CAUSE_TENANT_CHANGED},
  };
  v1::PreviewRevocationRequest request;
  for (const auto& [resource, cause] : both) {
    request.set_resource(resource);
    const auto preview = core_->preview().Preview(Call(), request);
    ASSERT_TRUE(preview.ok()) << preview.status();
    ASSERT_EQ(preview->accounts_size(), 2) << resource;
    EXPECT_EQ(preview->accounts(0).account(), "accounts/contoso");
    EXPECT_EQ(preview->accounts(0).cause(), cause);
    EXPECT_EQ(preview->accounts(0).uploads(), 3);
    EXPECT_TRUE(preview->accounts(0).has_reported_time());
    EXPECT_FALSE(preview->accounts(1).has_reported_time());
    EXPECT_EQ(preview->upload_bytes(), 1000);
    EXPECT_EQ(preview->deployed_models(), 1);
    EXPECT_EQ(preview->resource(), resource);
    EXPECT_EQ(preview->message(), "");
  }
  request.set_resource("identities/contoso");
  EXPECT_EQ(core_->preview().Preview(Call(), request)->accounts_size(), 1);
  request.set_resource("vaults/other");
  const auto nothing = core_->preview().Preview(Call(), request);
  EXPECT_EQ(nothing->accounts_size(), 0);
  EXPECT_EQ(nothing->resource(), "vaults/other");
  EXPECT_TRUE(absl::StartsWith(nothing->message(), "no account depends on vaults/other"))
      << nothing->message();
  request.set_resource("nonsense");
  EXPECT_EQ(ErrorReason(core_->preview().Preview(Call(), request).status()), "INVALID_REQUEST");
  EXPECT_EQ(AccessOf("contoso").verdict(), v1::VERDICT_ACCESSIBLE);
}

}  // namespace
}  // namespace keyward::encryption::testing
