#ifndef KEYWARD_SERVICES_KEY_VAULT_LIMITED_PERMISSIONS_H_
#define KEYWARD_SERVICES_KEY_VAULT_LIMITED_PERMISSIONS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/auth/authorizer.h"
#include "common/auth/caller.h"
#include "services/key_vault/rate_limiter.h"

namespace keyward::key_vault {

// Another checker of key permissions, whose allowed calls count against the limits: management as
// one operation, making a key or version also as that. Cryptography is not counted here, but where
// the type of the key is known. Refused calls do not count. Thread-safe.
class LimitedPermissions final : public auth::KeyPermissionChecker {
 public:
  // Both must outlive this.
  LimitedPermissions(auth::KeyPermissionChecker& checker, RateLimiter& limiter)
      : checker_(checker), limiter_(limiter) {}

  // Also RESOURCE_EXHAUSTED (LIMIT_EXCEEDED).
  absl::Status Check(const auth::Caller& caller, absl::string_view resource,
                     absl::string_view key_permission) override;

 private:
  auth::KeyPermissionChecker& checker_;
  RateLimiter& limiter_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_LIMITED_PERMISSIONS_H_
