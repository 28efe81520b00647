#ifndef KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICY_H_
#define KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICY_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/key_vault/key_permissions.h"

namespace keyward::key_vault {

inline constexpr size_t kMaxPolicyEntries = 1024;

// Whether a principal may stand in an access policy: a principal id (a UUID in lower case) or the
// SPIFFE ID of an operator.
bool IsPolicyPrincipal(absl::string_view principal);

// Who may do what with the keys of a vault: for each principal a set of permissions, never an empty
// one. A value.
class AccessPolicy {
 public:
  using Entries = std::map<std::string, KeyPermissions>;

  AccessPolicy() = default;
  // Entries with no permission are left out.
  explicit AccessPolicy(Entries entries);

  const Entries& entries() const { return entries_; }

  // What a principal may do; nothing if it has no entry.
  KeyPermissions PermissionsOf(const std::string& principal) const;

  // This policy with more permissions for the principals of `entries`.
  AccessPolicy With(const Entries& entries) const;
  // This policy with the permissions of `entries` taken away.
  AccessPolicy Without(const Entries& entries) const;

  friend bool operator==(const AccessPolicy&, const AccessPolicy&) = default;

 private:
  Entries entries_;
};

// What differs between two policies.
struct PolicyChange {
  // The principals whose permissions changed, with what each holds afterwards; empty permissions if
  // it has no entry any more.
  AccessPolicy::Entries changed;
  // Whether any principal lost any permission.
  bool takes_away = false;
};

PolicyChange Compare(const AccessPolicy& before, const AccessPolicy& after);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICY_H_
