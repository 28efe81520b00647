#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_CHANGE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_CHANGE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/managed_identity/attachment_store.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/identity.h"

namespace keyward::managed_identity {

// Lets a resource use a user-assigned identity, inside one change: an IdentityAttached, whose
// sequence `identity` remembers. Attached already, nothing happens. FAILED_PRECONDITION
// (IDENTITY_NOT_USER_ASSIGNED, IDENTITY_DELETED, RESOURCE_UNKNOWN, OTHER_TENANT).
absl::Status Attach(Change& change, Identity& identity, const ResourcePath& resource);

// Takes that away: an IdentityDetached. Not attached, nothing happens.
absl::Status Detach(Change& change, Identity& identity, const std::string& resource);

// Takes away what a move has left across tenants.
absl::Status DetachAcrossTenants(Change& change);

// The identity that a resource acts as: `wanted` if one is named, which must be the resource's own
// or attached to it; else its system-assigned one if that is enabled, else the only enabled one
// that is attached; its system-assigned one if there is none. FAILED_PRECONDITION
// (RESOURCE_UNKNOWN, IDENTITY_NOT_ATTACHED, IDENTITY_AMBIGUOUS).
absl::StatusOr<Identity> SelectIdentity(storage::Transaction& tx, const std::string& resource,
                                        const std::optional<IdentityName>& wanted);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_CHANGE_H_
