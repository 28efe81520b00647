#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_STORE_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/identity.h"

namespace keyward::managed_identity {

// Identities in the database. Errors are those of Transaction.

absl::StatusOr<std::optional<Identity>> FindIdentity(storage::Transaction& tx,
                                                     const IdentityName& name);
absl::StatusOr<std::optional<Identity>> FindIdentityOfResource(storage::Transaction& tx,
                                                               const std::string& resource);
// The identity that has this principal now.
absl::StatusOr<std::optional<Identity>> FindIdentityOfPrincipal(storage::Transaction& tx,
                                                                const std::string& principal_id);
// Where identities to list are; anywhere if it is neither.
using IdentityParent = std::variant<std::monostate, TenantName, SubscriptionName>;
// The first `limit` identities there whose id follows `after`, by id.
absl::StatusOr<std::vector<Identity>> ListIdentities(storage::Transaction& tx,
                                                     const IdentityParent& parent,
                                                     const std::string& after, int limit);
// All identities of resources in the subscription, by id.
absl::StatusOr<std::vector<Identity>> IdentitiesIn(storage::Transaction& tx,
                                                   const SubscriptionName& subscription);
// Writes a new one or over the old one.
absl::Status SaveIdentity(storage::Transaction& tx, const Identity& identity);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_STORE_H_
