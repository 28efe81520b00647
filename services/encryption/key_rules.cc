#include "services/encryption/key_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/clock/utc.h"
#include "services/encryption/access_rules.h"

namespace keyward::encryption {
namespace {

using Purpose = KeyFacts::Purpose;

constexpr int kShortestRetentionDays = 7;

RuleVerdict Holds(v1::Rule rule, std::string message) {
  return {rule, v1::RuleVerdict::OUTCOME_HOLDS, std::move(message)};
}

RuleVerdict Broken(v1::Rule rule, std::string message) {
  return {rule, v1::RuleVerdict::OUTCOME_BROKEN, std::move(message)};
}

RuleVerdict NotChecked(v1::Rule rule, std::string message) {
  return {rule, v1::RuleVerdict::OUTCOME_NOT_CHECKED, std::move(message)};
}

std::string VaultOf(const KeyFacts& facts) { return facts.key.substr(0, facts.key.find("/keys/")); }

bool Has(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

RuleVerdict Tier(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_TIER_SUPPORTS_CUSTOMER_KEYS;
  if (facts.tier_supports_customer_keys) {
    return Holds(kRule, absl::StrCat("tier ", facts.tier, " supports customer-managed keys"));
  }
  return Broken(kRule, absl::StrCat("tier ", facts.tier,
                                    " does not support customer-managed keys; create an account of "
                                    "a tier that does (ListTiers names them)"));
}

RuleVerdict Regional(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_ACCOUNT_IS_REGIONAL;
  if (facts.region != "global") {
    return Holds(kRule, absl::StrCat("the account is in region ", facts.region));
  }
  return Broken(kRule,
                "the account is global, and only regional accounts can have a customer-managed "
                "key; create one in the vault's region");
}

RuleVerdict VaultInTenant(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_VAULT_IN_SAME_TENANT;
  if (facts.inspection.vault_found) {
    return Holds(kRule, absl::StrCat(VaultOf(facts), " is in ", facts.tenant));
  }
  return Broken(kRule, absl::StrCat("there is no ", VaultOf(facts), " in ", facts.tenant,
                                    ", the account's tenant; name a vault of that tenant, or "
                                    "recover it if it was deleted"));
}

RuleVerdict VaultInRegion(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_VAULT_IN_SAME_REGION;
  const KeyInspection& inspection = facts.inspection;
  if (!inspection.vault_found) return NotChecked(kRule, "the vault was not found");
  if (facts.region == "global") return NotChecked(kRule, "the account is in no region");
  if (inspection.vault_region == facts.region) {
    return Holds(kRule, absl::StrCat(VaultOf(facts), " is in region ", facts.region, " too"));
  }
  return Broken(kRule, absl::StrCat(VaultOf(facts), " is in region ", inspection.vault_region,
                                    " and the account in ", facts.region,
                                    "; use a vault in the account's region"));
}

RuleVerdict SoftDelete(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_SOFT_DELETE_ON;
  if (!facts.inspection.vault_found) return NotChecked(kRule, "the vault was not found");
  const int days = facts.inspection.soft_delete_retention_days;
  if (days >= kShortestRetentionDays) {
    return Holds(kRule, absl::StrCat("deleted keys are kept for ", days, " days"));
  }
  return Broken(kRule, absl::StrCat(VaultOf(facts),
                                    " does not keep deleted keys; use a vault with soft delete"));
}

RuleVerdict PurgeProtection(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_PURGE_PROTECTION_ON;
  if (!facts.inspection.vault_found) return NotChecked(kRule, "the vault was not found");
  if (facts.inspection.purge_protection) return Holds(kRule, "purge protection is on");
  return Broken(kRule, absl::StrCat(VaultOf(facts),
                                    " has no purge protection, so that a purged key would take the "
                                    "data with it; use a vault with purge_protection"));
}

RuleVerdict KeyExists(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_KEY_EXISTS;
  if (!facts.inspection.vault_found) return NotChecked(kRule, "the vault was not found");
  if (facts.inspection.key_found) {
    return Holds(kRule, absl::StrCat("the version is ", facts.inspection.version));
  }
  return Broken(kRule, absl::StrCat("there is no ", facts.key,
                                    "; create it (CreateKey), recover it if it was deleted "
                                    "(RecoverKey), or name another"));
}

RuleVerdict KeyType(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_KEY_IS_RSA_2048;
  if (!facts.inspection.key_found) return NotChecked(kRule, "the key was not found");
  if (facts.inspection.is_rsa_2048) return Holds(kRule, "the key is RSA of 2048 bits");
  return Broken(kRule, absl::StrCat("the key is ", facts.inspection.key_type,
                                    "; only RSA keys of 2048 bits are supported"));
}

RuleVerdict KeyEnabled(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_KEY_IS_ENABLED;
  if (!facts.inspection.key_found) return NotChecked(kRule, "the key was not found");
  if (facts.inspection.enabled) return Holds(kRule, "the key version is enabled");
  return Broken(kRule,
                absl::StrCat(facts.inspection.version, " is disabled; EnableKey enables it"));
}

RuleVerdict KeyInValidity(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_KEY_IS_IN_VALIDITY;
  const KeyInspection& inspection = facts.inspection;
  if (!inspection.key_found) return NotChecked(kRule, "the key was not found");
  std::string problem;
  if (inspection.not_before.has_value() && facts.now < *inspection.not_before) {
    problem = absl::StrCat(" must not be used before ", FormatUtc(*inspection.not_before));
  }
  if (inspection.expire_time.has_value() && facts.now >= *inspection.expire_time) {
    problem = absl::StrCat(" expired at ", FormatUtc(*inspection.expire_time));
  }
  if (problem.empty()) return Holds(kRule, "the time is within the key's validity");
  if (facts.purpose == Purpose::kRestore) {
    return Holds(kRule, absl::StrCat("warning: ", inspection.version, problem,
                                     "; it still unwraps, but rotate it"));
  }
  return Broken(kRule, absl::StrCat(inspection.version, problem,
                                    "; rotate the key (RotateKey), or change its validity "
                                    "(UpdateKeyVersion)"));
}

RuleVerdict KeyOps(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_KEY_OPS_ALLOW_WRAPPING;
  if (!facts.inspection.key_found) return NotChecked(kRule, "the key was not found");
  std::vector<std::string> missing;
  for (const char* operation : {"wrapKey", "unwrapKey"}) {
    const bool needed = facts.purpose == Purpose::kBind || operation == std::string("unwrapKey");
    if (needed && !Has(facts.inspection.key_ops, operation)) missing.push_back(operation);
  }
  if (missing.empty()) return Holds(kRule, "key_ops has what is needed");
  return Broken(kRule, absl::StrCat("key_ops of ", facts.inspection.version, " lacks ",
                                    absl::StrJoin(missing, " and "),
                                    "; add it with UpdateKeyVersion, or use another key"));
}

RuleVerdict IdentityEnabled(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_IDENTITY_IS_ENABLED;
  if (!facts.principal.empty()) {
    return Holds(kRule,
                 absl::StrCat(facts.identity, " is enabled, with principal ", facts.principal));
  }
  return Broken(kRule, absl::StrCat(facts.identity,
                                    " is disabled; EnableIdentity gives it a principal, which the "
                                    "vault's access policy must then name"));
}

RuleVerdict PolicyGrants(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_ACCESS_POLICY_GRANTS;
  if (!facts.inspection.vault_found) return NotChecked(kRule, "the vault was not found");
  if (facts.principal.empty()) return NotChecked(kRule, "the identity has no principal");
  const std::vector<absl::string_view> missing = MissingPermissions(facts.inspection.permissions);
  if (missing.empty()) {
    return Holds(kRule,
                 absl::StrCat("principal ", facts.principal, " has get, wrapKey and unwrapKey"));
  }
  return Broken(kRule,
                absl::StrCat("the access policy of ", VaultOf(facts), " does not give principal ",
                             facts.principal, " the key permissions ", absl::StrJoin(missing, ", "),
                             "; add them with UpdateAccessPolicy of that vault"));
}

RuleVerdict Probe(const KeyFacts& facts) {
  constexpr v1::Rule kRule = v1::RULE_PROBE_SUCCEEDS;
  if (!facts.probe.has_value()) {
    return NotChecked(kRule, "not tried while another rule is broken");
  }
  if (facts.probe->ok()) return Holds(kRule, "the key was used with the identity's token");
  return Broken(kRule, absl::StrCat("using the key with the identity's token failed: ",
                                    facts.probe->message()));
}

}  // namespace

std::vector<RuleVerdict> CheckRules(const KeyFacts& facts) {
  return {Tier(facts),          Regional(facts),   VaultInTenant(facts),
          VaultInRegion(facts), SoftDelete(facts), PurgeProtection(facts),
          KeyExists(facts),     KeyType(facts),    KeyEnabled(facts),
          KeyInValidity(facts), KeyOps(facts),     IdentityEnabled(facts),
          PolicyGrants(facts),  Probe(facts)};
}

bool AllHold(const std::vector<RuleVerdict>& verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(),
                     [](const RuleVerdict& verdict) { return verdict.holds(); });
}

bool WorthProbing(const std::vector<RuleVerdict>& verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const RuleVerdict& verdict) {
    return verdict.holds() || verdict.rule == v1::RULE_PROBE_SUCCEEDS;
  });
}

}  // namespace keyward::encryption
