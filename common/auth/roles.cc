#include "common/auth/roles.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"

namespace keyward::auth {
namespace {

struct RoleDefinition {
  identity::v1::Role role;
  // Permissions; one "*" in each stands for any text.
  std::vector<absl::string_view> permits;
};

const std::vector<RoleDefinition>& Definitions() {
  static const auto* const definitions = new std::vector<RoleDefinition>{
      {identity::v1::ROLE_ADMINISTRATOR, {"*"}},
      {identity::v1::ROLE_KEY_VAULT_ADMINISTRATOR, {"keyvault.*"}},
      {identity::v1::ROLE_CRYPTO_OFFICER, {"keyvault.*.get", "keyvault.*.list"}},
      {identity::v1::ROLE_ENCRYPTION_OPERATOR, {"encryption.accounts.*", "encryption.settings.*"}},
      {identity::v1::ROLE_DEPLOYMENT_OPERATOR, {"deployment.*"}},
      {identity::v1::ROLE_READER, {"*.get", "*.list", "encryption.settings.preview"}},
      {identity::v1::ROLE_AUDITOR, {"audit.read", "events.read", "deployment.receipts.*"}},
      {identity::v1::ROLE_PURGE_OPERATOR,
       {"keyvault.vaults.get", "keyvault.vaults.list", "keyvault.vaults.purge"}},
      {identity::v1::ROLE_TOKEN_INSPECTOR, {"identity.tokens.introspect"}},
  };
  return *definitions;
}

bool Matches(absl::string_view pattern, absl::string_view permission) {
  const size_t star = pattern.find('*');
  if (star == absl::string_view::npos) return pattern == permission;
  const absl::string_view before = pattern.substr(0, star);
  const absl::string_view after = pattern.substr(star + 1);
  return permission.size() > before.size() + after.size() && absl::StartsWith(permission, before) &&
         absl::EndsWith(permission, after);
}

}  // namespace

bool RolePermits(identity::v1::Role role, absl::string_view permission) {
  for (const RoleDefinition& definition : Definitions()) {
    if (definition.role != role) continue;
    return std::any_of(definition.permits.begin(), definition.permits.end(),
                       [&](absl::string_view pattern) { return Matches(pattern, permission); });
  }
  return false;
}

std::vector<identity::v1::Role> RolesWith(absl::string_view permission) {
  std::vector<identity::v1::Role> roles;
  for (const RoleDefinition& definition : Definitions()) {
    if (RolePermits(definition.role, permission)) roles.push_back(definition.role);
  }
  return roles;
}

}  // namespace keyward::auth
