#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/tenant.h"

namespace keyward::managed_identity {

// Tenants and subscriptions in the database. Errors are those of Transaction.

absl::StatusOr<std::optional<Tenant>> FindTenant(storage::Transaction& tx, const TenantName& name);
// The first `limit` tenants whose id follows `after`, by id.
absl::StatusOr<std::vector<Tenant>> ListTenants(storage::Transaction& tx, const std::string& after,
                                                int limit);
// ALREADY_EXISTS if the name is taken.
absl::Status InsertTenant(storage::Transaction& tx, const Tenant& tenant);

absl::StatusOr<std::optional<Subscription>> FindSubscription(storage::Transaction& tx,
                                                             const SubscriptionName& name);
// The first `limit` subscriptions whose id follows `after`, by id: of a tenant, or of all.
absl::StatusOr<std::vector<Subscription>> ListSubscriptions(storage::Transaction& tx,
                                                            const std::optional<TenantName>& tenant,
                                                            const std::string& after, int limit);
// Writes a new one or over the old one.
absl::Status SaveSubscription(storage::Transaction& tx, const Subscription& subscription);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_STORE_H_
