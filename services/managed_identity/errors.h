#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ERRORS_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ERRORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// Every error that managed_identity answers with, beside InvalidField and those of issuers and
// exchanged tokens (federation_errors.h). The only places of the
// service that chooses codes and reasons (keyward/identity/v1/errors.proto).

// The resource that the request is about does not exist: NOT_FOUND.
absl::Status TenantNotFound(const TenantName& name);
absl::Status SubscriptionNotFound(const SubscriptionName& name);
absl::Status IdentityNotFound(const IdentityName& name);
absl::Status RoleAssignmentNotFound(const RoleAssignmentName& name);
absl::Status SigningKeyNotFound(const std::string& key_id);

// What `field` of the request names does not exist: FAILED_PRECONDITION.
absl::Status NamedTenantNotFound(absl::string_view field, const TenantName& name);
absl::Status NamedSubscriptionNotFound(absl::string_view field, const SubscriptionName& name);
absl::Status NamedIdentityNotFound(absl::string_view field, const IdentityName& name);
absl::Status PrincipalNotFound(const std::string& principal_id);

// The name is taken: ALREADY_EXISTS.
absl::Status TenantExists(const TenantName& name);
absl::Status SubscriptionExists(const SubscriptionName& name);
absl::Status RoleAssignmentExists(const RoleAssignmentName& existing, const std::string& principal,
                                  const std::string& role, const std::string& scope);
// `conflict` says how the identity that exists differs, such as "belongs to accounts/fabrikam".
absl::Status IdentityExists(const IdentityName& existing, absl::string_view conflict);

// The state forbids it: FAILED_PRECONDITION.
absl::Status SubscriptionAlreadyThere(const SubscriptionName& name, const TenantName& tenant);
absl::Status IdentityDisabled(const IdentityName& name, const std::string& state_reason);
absl::Status IdentityDeleted(const IdentityName& name);
absl::Status IdentityNotUserAssigned(const IdentityName& name);
absl::Status IdentityNotAttached(const IdentityName& name, const std::string& resource);
absl::Status IdentityAmbiguous(const std::string& resource,
                               const std::vector<std::string>& identities);
absl::Status ResourceUnknown(const std::string& resource);
absl::Status OtherTenant(const IdentityName& name, const TenantName& tenant,
                         const std::string& resource, const TenantName& other);
absl::Status LastAdministrator(const RoleAssignmentName& name);
// `name` as "signingKeys/{key_id}"; `why` it is gone.
absl::Status SigningKeyExpired(const std::string& name, const std::string& why);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ERRORS_H_
