#ifndef KEYWARD_SERVICES_ENCRYPTION_KEY_RULES_H_
#define KEYWARD_SERVICES_ENCRYPTION_KEY_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "keyward/encryption/v1/settings.pb.h"
#include "services/encryption/key_inspection.h"

namespace keyward::encryption {

// All that the rules for a customer-managed key look at.
struct KeyFacts {
  // What the answer is for. A key that already guards data needs to unwrap only: it may be past its
  // expiry, as Key Vault rules, and do without wrapKey in key_ops.
  enum class Purpose { kBind, kRestore };

  Purpose purpose = Purpose::kBind;
  // Of the account; the key as the caller named it.
  std::string tier;
  bool tier_supports_customer_keys = false;
  std::string region;
  std::string tenant;
  std::string key;
  // Its identity, and the principal; empty unless enabled.
  std::string identity;
  std::string principal;
  KeyInspection inspection;
  // How using the key with the identity's token ended; none if that was not tried.
  std::optional<absl::Status> probe;
  absl::Time now;
};

// One rule and whether it holds.
struct RuleVerdict {
  using Outcome = v1::RuleVerdict::Outcome;

  v1::Rule rule;
  Outcome outcome;
  // For people: what is wrong, and what to do about it.
  std::string message;

  bool holds() const { return outcome == v1::RuleVerdict::OUTCOME_HOLDS; }
  bool broken() const { return outcome == v1::RuleVerdict::OUTCOME_BROKEN; }
};

// The verdict on every rule, in the order of the enum. A pure function of the facts.
std::vector<RuleVerdict> CheckRules(const KeyFacts& facts);

// Whether every rule holds.
bool AllHold(const std::vector<RuleVerdict>& verdicts);

// Whether every rule but the probe's holds, so that the probe is worth trying.
bool WorthProbing(const std::vector<RuleVerdict>& verdicts);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_KEY_RULES_H_
