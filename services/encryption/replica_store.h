#ifndef KEYWARD_SERVICES_ENCRYPTION_REPLICA_STORE_H_
#define KEYWARD_SERVICES_ENCRYPTION_REPLICA_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/encryption/access_event.h"

namespace keyward::encryption {

// The SQL over what other services' feeds have told: kept in this database, so that a transaction
// sees it together with the accounts. An event older than what is known changes nothing. Errors are
// those of Transaction.

// The identity of a resource.
struct KnownIdentity {
  std::string identity;
  // Empty while it is disabled.
  std::string principal;
  // The principal's tenant.
  std::string tenant;
};

absl::Status StoreSubscription(storage::Transaction& tx, int64_t sequence,
                               const SubscriptionEvent& event);
// As "tenants/{tenant}"; none if the subscription is unknown.
absl::StatusOr<std::optional<std::string>> TenantOf(storage::Transaction& tx,
                                                    const std::string& subscription);

absl::Status StorePrincipal(storage::Transaction& tx, int64_t sequence,
                            const PrincipalEvent& event);
absl::StatusOr<std::optional<KnownIdentity>> IdentityOf(storage::Transaction& tx,
                                                        const std::string& resource);

absl::Status StoreAttachment(storage::Transaction& tx, int64_t sequence,
                             const AttachmentEvent& event);
// Whether the resource may use the user-assigned identity.
absl::StatusOr<bool> IsAttached(storage::Transaction& tx, const std::string& identity,
                                const std::string& resource);

// Notes that the event with this sequence was about the vault or one of its keys.
absl::Status StoreVaultChange(storage::Transaction& tx, int64_t sequence, const std::string& vault);
// The sequence of the last such event; 0 if there was none.
absl::StatusOr<int64_t> LastVaultChange(storage::Transaction& tx, const std::string& vault);

// How far the feed of a service has been applied, by the last event that was; 0 if none was.
absl::Status StoreApplied(storage::Transaction& tx, const std::string& source, int64_t sequence);
absl::StatusOr<int64_t> AppliedOf(storage::Transaction& tx, const std::string& source);

// All of it, for memory.
absl::StatusOr<std::map<std::string, std::string>> AllSubscriptions(storage::Transaction& tx);
absl::StatusOr<std::map<std::string, KnownIdentity>> AllIdentities(storage::Transaction& tx);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_REPLICA_STORE_H_
