#include "services/encryption/key_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace keyward::encryption {
namespace {

constexpr auto kHolds = v1::RuleVerdict::OUTCOME_HOLDS;
constexpr auto kBroken = v1::RuleVerdict::OUTCOME_BROKEN;
constexpr auto kNotChecked = v1::RuleVerdict::OUTCOME_NOT_CHECKED;
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

KeyFacts GoodFacts() {
  KeyFacts facts;
  facts.tier = "S1";
  facts.tier_supports_customer_keys = true;
  facts.region = "westeurope";
  facts.tenant = "tenants/t";
  facts.key = "vaults/v/keys/k";
  facts.identity = "identities/contoso";
  facts.principal = "11111111-1111-1111-1111-111111111111";
  KeyInspection& inspection = facts.inspection;
  inspection.vault_found = true;
  inspection.vault_region = "westeurope";
  inspection.soft_delete_retention_days = 90;
  inspection.purge_protection = true;
  inspection.key_found = true;
  inspection.key_type = "RSA-2048";
  inspection.is_rsa_2048 = true;
  inspection.version = "vaults/v/keys/k/versions/11111111111111111111111111111111";
  inspection.enabled = true;
  inspection.key_ops = {"wrapKey", "unwrapKey"};
  inspection.permissions = {"get", "wrapKey", "unwrapKey"};
  facts.probe = absl::OkStatus();
  facts.now = kNow;
  return facts;
}

using Outcomes = std::map<v1::Rule, RuleVerdict::Outcome>;

struct Case {
  const char* name;
  std::function<void(KeyFacts&)> change;
  // What differs from every rule holding.
  Outcomes differing;
  // What the message of the (first) broken rule must contain.
  const char* says;
};

const Case kCases[] = {
    {"everything in order", [](KeyFacts&) {}, {}, ""},
    {"tier",
     [](KeyFacts& f) { f.tier_supports_customer_keys = false; },
     {{v1::RULE_TIER_SUPPORTS_CUSTOMER_KEYS, kBroken}},
     "ListTiers"},
    {"global",
     [](KeyFacts& f) { f.region = "global"; },
     {{v1::RULE_ACCOUNT_IS_REGIONAL, kBroken}, {v1::RULE_VAULT_IN_SAME_REGION, kNotChecked}},
     "global"},
    {"no vault, or one of another tenant",
     [](KeyFacts& f) { f.inspection = KeyInspection(); },
     {{v1::RULE_VAULT_IN_SAME_TENANT, kBroken},
      {v1::RULE_VAULT_IN_SAME_REGION, kNotChecked},
      {v1::RULE_SOFT_DELETE_ON, kNotChecked},
      {v1::RULE_PURGE_PROTECTION_ON, kNotChecked},
      {v1::RULE_KEY_EXISTS, kNotChecked},
      {v1::RULE_KEY_IS_RSA_2048, kNotChecked},
      {v1::RULE_KEY_IS_ENABLED, kNotChecked},
      {v1::RULE_KEY_IS_IN_VALIDITY, kNotChecked},
      {v1::RULE_KEY_OPS_ALLOW_WRAPPING, kNotChecked},
      {v1::RULE_ACCESS_POLICY_GRANTS, kNotChecked}},
     "there is no vaults/v in tenants/t"},
    {"other region",
     [](KeyFacts& f) { f.inspection.vault_region = "eastus"; },
     {{v1::RULE_VAULT_IN_SAME_REGION, kBroken}},
     "eastus"},
    {"no soft delete",
     [](KeyFacts& f) { f.inspection.soft_delete_retention_days = 0; },
     {{v1::RULE_SOFT_DELETE_ON, kBroken}},
     "soft delete"},
    {"no purge protection",
     [](KeyFacts& f) { f.inspection.purge_protection = false; },
     {{v1::RULE_PURGE_PROTECTION_ON, kBroken}},
     "purge_protection"},
    {"no key",
     [](KeyFacts& f) {
       f.inspection.key_found = false;
       f.inspection.version = "";
     },
     {{v1::RULE_KEY_EXISTS, kBroken},
      {v1::RULE_KEY_IS_RSA_2048, kNotChecked},
      {v1::RULE_KEY_IS_ENABLED, kNotChecked},
      {v1::RULE_KEY_IS_IN_VALIDITY, kNotChecked},
      {v1::RULE_KEY_OPS_ALLOW_WRAPPING, kNotChecked}},
     "CreateKey"},
    {"other type",
     [](KeyFacts& f) {
       f.inspection.is_rsa_2048 = false;
       f.inspection.key_type = "RSA-4096";
     },
     {{v1::RULE_KEY_IS_RSA_2048, kBroken}},
     "RSA-4096"},
    {"disabled",
     [](KeyFacts& f) { f.inspection.enabled = false; },
     {{v1::RULE_KEY_IS_ENABLED, kBroken}},
     "EnableKey"},
    {"expired",
     [](KeyFacts& f) { f.inspection.expire_time = kNow; },
     {{v1::RULE_KEY_IS_IN_VALIDITY, kBroken}},
     "expired at"},
    {"not yet valid",
     [](KeyFacts& f) { f.inspection.not_before = kNow + absl::Microseconds(1); },
     {{v1::RULE_KEY_IS_IN_VALIDITY, kBroken}},
     "before"},
    {"no wrapKey in key_ops",
     [](KeyFacts& f) { f.inspection.key_ops = {"unwrapKey"}; },
     {{v1::RULE_KEY_OPS_ALLOW_WRAPPING, kBroken}},
     "lacks wrapKey;"},
    {"no unwrapKey in key_ops",
     [](KeyFacts& f) { f.inspection.key_ops = {"wrapKey"}; },
     {{v1::RULE_KEY_OPS_ALLOW_WRAPPING, kBroken}},
     "lacks unwrapKey;"},
    {"identity disabled",
     [](KeyFacts& f) {
       f.principal = "";
       f.inspection.permissions.clear();
     },
     {{v1::RULE_IDENTITY_IS_ENABLED, kBroken}, {v1::RULE_ACCESS_POLICY_GRANTS, kNotChecked}},
     "EnableIdentity"},
    {"policy",
     [](KeyFacts& f) { f.inspection.permissions = {"get"}; },
     {{v1::RULE_ACCESS_POLICY_GRANTS, kBroken}},
     "does not give principal 11111111-1111-1111-1111-111111111111 the key permissions wrapKey, "
     "unwrapKey"},
    {"probe",
     [](KeyFacts& f) { f.probe = absl::PermissionDeniedError("no"); },
     {{v1::RULE_PROBE_SUCCEEDS, kBroken}},
     "failed: no"},
    {"no probe",
     [](KeyFacts& f) { f.probe.reset(); },
     {{v1::RULE_PROBE_SUCCEEDS, kNotChecked}},
     ""},
};

TEST(KeyRulesTest, EveryRule) {
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    KeyFacts facts = GoodFacts();
    test.change(facts);
    const std::vector<RuleVerdict> verdicts = CheckRules(facts);
    ASSERT_EQ(verdicts.size(), 14u);
    bool said = *test.says == '\0';
    for (int i = 0; i < 14; ++i) {
      const RuleVerdict& verdict = verdicts[i];
      EXPECT_EQ(verdict.rule, i + 1);
      const auto differing = test.differing.find(verdict.rule);
      EXPECT_EQ(verdict.outcome, differing == test.differing.end() ? kHolds : differing->second)
          << v1::Rule_Name(verdict.rule) << ": " << verdict.message;
      EXPECT_FALSE(verdict.message.empty());
      said = said || (verdict.broken() && absl::StrContains(verdict.message, test.says));
    }
    EXPECT_TRUE(said) << test.says;
    EXPECT_EQ(AllHold(verdicts), test.differing.empty());
  }
}

TEST(KeyRulesTest, TwoBrokenRulesAreBothReported) {
  KeyFacts facts = GoodFacts();
  facts.inspection.purge_protection = false;
  facts.inspection.enabled = false;
  const std::vector<RuleVerdict> verdicts = CheckRules(facts);
  EXPECT_TRUE(verdicts[v1::RULE_PURGE_PROTECTION_ON - 1].broken());
  EXPECT_TRUE(verdicts[v1::RULE_KEY_IS_ENABLED - 1].broken());
}

TEST(KeyRulesTest, AKeyInUseMayBeExpiredAndDoWithoutWrapKey) {
  KeyFacts facts = GoodFacts();
  facts.purpose = KeyFacts::Purpose::kRestore;
  facts.inspection.expire_time = kNow - absl::Hours(1);
  facts.inspection.key_ops = {"unwrapKey"};
  EXPECT_TRUE(AllHold(CheckRules(facts)));
  facts.inspection.key_ops = {"wrapKey"};
  EXPECT_FALSE(AllHold(CheckRules(facts)));
}

TEST(KeyRulesTest, TheProbeWaitsForTheOtherRules) {
  KeyFacts facts = GoodFacts();
  facts.probe.reset();
  EXPECT_TRUE(WorthProbing(CheckRules(facts)));
  facts.inspection.enabled = false;
  EXPECT_FALSE(WorthProbing(CheckRules(facts)));
}

}  // namespace
}  // namespace keyward::encryption
