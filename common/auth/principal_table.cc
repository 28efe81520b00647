#include "common/auth/principal_table.h"

#include <algorithm>
#include <variant>

#include "common/auth/roles.h"

namespace keyward::auth {

void PrincipalTable::Set(const PrincipalRecord& record) {
  absl::MutexLock lock(&mutex_);
  if (const auto* keys = std::get_if<SigningKeySet>(&record)) SetKeys(*keys);
  if (const auto* principal = std::get_if<Principal>(&record)) SetPrincipal(*principal);
  if (const auto* grant = std::get_if<RoleGrant>(&record)) SetGrant(*grant);
}

void PrincipalTable::SetKeys(const SigningKeySet& keys) {
  if (keys.sequence > keys_.sequence) keys_ = keys;
}

void PrincipalTable::SetPrincipal(const Principal& principal) {
  Principal& known = principals_[principal.id];
  if (principal.sequence > known.sequence) known = principal;
}

void PrincipalTable::SetGrant(const RoleGrant& grant) {
  RoleGrant& known = grants_[grant.name];
  if (grant.sequence <= known.sequence) return;
  if (!known.principal.empty()) grants_of_[known.principal].erase(known.name);
  known = grant;
  if (!grant.deleted) {
    grants_of_[grant.principal].insert(grant.name);
    return;
  }
  const auto [mark, added] = roles_lost_.try_emplace(grant.principal, grant.not_before);
  if (!added) mark->second = std::max(mark->second, grant.not_before);
}

std::optional<crypto::EcPublicKey> PrincipalTable::FindSigningKey(absl::string_view issuer,
                                                                  absl::string_view key_id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = keys_.keys.find(std::string(key_id));
  if (found == keys_.keys.end() || found->second.issuer != issuer) return std::nullopt;
  return found->second.key;
}

std::optional<Principal> PrincipalTable::FindPrincipal(absl::string_view id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = principals_.find(id);
  if (found == principals_.end()) return std::nullopt;
  Principal principal = found->second;
  const auto mark = roles_lost_.find(id);
  if (mark != roles_lost_.end()) {
    principal.not_before = std::max(principal.not_before, mark->second);
  }
  return principal;
}

bool PrincipalTable::HoldsPermission(absl::string_view principal, absl::string_view permission,
                                     absl::Span<const std::string> scopes) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto names = grants_of_.find(principal);
  if (names == grants_of_.end()) return false;
  return std::any_of(names->second.begin(), names->second.end(),
                     [&](const std::string& name) ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
                       const RoleGrant& grant = grants_.at(name);
                       return RolePermits(grant.role, permission) &&
                              std::find(scopes.begin(), scopes.end(), grant.scope) != scopes.end();
                     });
}

}  // namespace keyward::auth
