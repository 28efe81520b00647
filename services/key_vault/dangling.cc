#include "services/key_vault/dangling.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"

namespace keyward::key_vault {
namespace {

using keyvault::v1::AccessPolicyEntry;

AccessPolicyEntry::Dangling WhyDangling(const auth::PrincipalDirectory& principals,
                                        const std::string& principal, const std::string& tenant) {
  if (absl::StartsWith(principal, "spiffe://")) return AccessPolicyEntry::DANGLING_UNSPECIFIED;
  const std::optional<auth::Principal> known = principals.FindPrincipal(principal);
  if (!known.has_value()) return AccessPolicyEntry::DANGLING_PRINCIPAL_UNKNOWN;
  if (!known->active) return AccessPolicyEntry::DANGLING_PRINCIPAL_GONE;
  return known->tenant == tenant ? AccessPolicyEntry::DANGLING_UNSPECIFIED
                                 : AccessPolicyEntry::DANGLING_OTHER_TENANT;
}

}  // namespace

void MarkDangling(const auth::PrincipalDirectory& principals, keyvault::v1::Vault& vault) {
  for (AccessPolicyEntry& entry : *vault.mutable_access_policy()) {
    entry.set_dangling(WhyDangling(principals, entry.principal(), vault.tenant()));
  }
}

}  // namespace keyward::key_vault
