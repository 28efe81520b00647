#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSION_GATE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSION_GATE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/auth/authorizer.h"
#include "common/auth/caller.h"
#include "common/auth/principal_directory.h"
#include "common/storage/database.h"

namespace keyward::key_vault {

// Lets a caller use a vault's keys if the vault's access policy says so: an operator by its SPIFFE
// ID, an identity by its principal id, and only while it exists and is of the vault's tenant. The
// policy is read from the database each time. An identity of the vault's tenant that lacks the
// permission is told so (FORBIDDEN_BY_POLICY), which is an authoritative refusal; all others get
// NOT_AUTHORIZED, whether the vault exists or not. A malformed name is called so to anybody, since
// it tells nothing. Thread-safe.
class KeyPermissionGate final : public auth::KeyPermissionChecker {
 public:
  // `fresh` says whether what is known of identities may be believed now.
  KeyPermissionGate(storage::Database& database, const auth::PrincipalDirectory& principals,
                    auth::FreshnessCheck fresh)
      : database_(database), principals_(principals), fresh_(std::move(fresh)) {}

  absl::Status Check(const auth::Caller& caller, absl::string_view resource,
                     absl::string_view key_permission) override;

 private:
  // Whether the caller is an identity that exists and belongs to the tenant.
  bool IsActiveIdentityOf(const auth::Caller& caller, const std::string& tenant) const;

  storage::Database& database_;
  const auth::PrincipalDirectory& principals_;
  const auth::FreshnessCheck fresh_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSION_GATE_H_
