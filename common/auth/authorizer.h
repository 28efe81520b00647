#ifndef KEYWARD_COMMON_AUTH_AUTHORIZER_H_
#define KEYWARD_COMMON_AUTH_AUTHORIZER_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/auth/caller.h"
#include "common/auth/principal_directory.h"
#include "common/auth/resource_hierarchy.h"
#include "keyward/auth/v1/authorization.pb.h"

namespace keyward::auth {

// Says whether a vault's access policy gives a caller a key permission. Implemented by key_vault.
// Thread-safe.
class KeyPermissionChecker {
 public:
  virtual ~KeyPermissionChecker() = default;

  // OK if the access policy of the vault that holds `resource` gives `caller` the permission, such
  // as "wrapKey". Otherwise the error that the caller shall see, which must tell nobody of what it
  // may not see; a plain absl error means that it could not be found out, but INVALID_ARGUMENT that
  // `resource` is malformed, and how it must look.
  virtual absl::Status Check(const Caller& caller, absl::string_view resource,
                             absl::string_view key_permission) = 0;
};

// OK while the services whose events decide over rights have been heard within their lease;
// otherwise the error for the caller, UNAVAILABLE with reason FEED_STALE.
using FreshnessCheck = std::function<absl::Status()>;

// Decides whether a caller may call a method on a resource, from the rule in the method's option. A
// caller passes if any part of the rule lets it in; by default nobody does. No right and no such
// resource give the same error: PERMISSION_DENIED, reason NOT_AUTHORIZED. Thread-safe.
class Authorizer {
 public:
  // `key_permissions` may be null where no method has a key_permission. `fresh` is asked before a
  // role assignment is believed.
  Authorizer(const PrincipalDirectory& directory, ResourceHierarchy& hierarchy,
             KeyPermissionChecker* key_permissions, FreshnessCheck fresh);

  // Whether the rule lets the caller in without asking for any right of its.
  static bool LetsInWithoutRight(const Caller& caller, const v1::Authorization& rule);

  // `resource` is the value of the rule's resource field; empty means "/".
  absl::Status Authorize(const Caller& caller, const v1::Authorization& rule,
                         absl::string_view resource) const;

 private:
  absl::Status CheckRoles(const Caller& caller, absl::string_view permission,
                          absl::string_view resource) const;

  const PrincipalDirectory& directory_;
  ResourceHierarchy& hierarchy_;
  KeyPermissionChecker* const key_permissions_;
  const FreshnessCheck fresh_;
};

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_AUTHORIZER_H_
