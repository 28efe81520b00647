#include "services/managed_identity/tenant_store.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace keyward::managed_identity {
namespace {

Tenant ToTenant(const storage::Row& row) {
  return {.name = TenantName::FromTrustedId(row.GetString(0)),
          .display_name = row.GetString(1),
          .create_time = row.GetTime(2)};
}

Subscription ToSubscription(const storage::Row& row) {
  return {.name = SubscriptionName::FromTrustedId(row.GetString(0)),
          .tenant = TenantName::FromTrustedId(row.GetString(1)),
          .display_name = row.GetString(2),
          .create_time = row.GetTime(3),
          .update_time = row.GetTime(4),
          .last_event = row.GetInt64(5)};
}

}  // namespace

absl::StatusOr<std::optional<Tenant>> FindTenant(storage::Transaction& tx, const TenantName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne("SELECT tenant_id, display_name, create_time FROM tenants "
                                  "WHERE tenant_id = :id",
                                  {{"id", name.id()}}));
  if (!row.has_value()) return std::nullopt;
  return ToTenant(*row);
}

absl::StatusOr<std::vector<Tenant>> ListTenants(storage::Transaction& tx, const std::string& after,
                                                int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query("SELECT tenant_id, display_name, create_time FROM tenants "
                               "WHERE tenant_id > :after ORDER BY tenant_id LIMIT :limit",
                               {{"after", after}, {"limit", limit}}));
  std::vector<Tenant> tenants;
  for (const storage::Row& row : rows) tenants.push_back(ToTenant(row));
  return tenants;
}

absl::Status InsertTenant(storage::Transaction& tx, const Tenant& tenant) {
  return tx
      .Execute(
          "INSERT INTO tenants (tenant_id, display_name, create_time) "
          "VALUES (:id, :display_name, :create_time)",
          {{"id", tenant.name.id()},
           {"display_name", tenant.display_name},
           {"create_time", tenant.create_time}})
      .status();
}

absl::StatusOr<std::optional<Subscription>> FindSubscription(storage::Transaction& tx,
                                                             const SubscriptionName& name) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("SELECT subscription_id, tenant_id, display_name, create_time, update_time, "
                  "last_event FROM subscriptions WHERE subscription_id = :id",
                  {{"id", name.id()}}));
  if (!row.has_value()) return std::nullopt;
  return ToSubscription(*row);
}

absl::StatusOr<std::vector<Subscription>> ListSubscriptions(storage::Transaction& tx,
                                                            const std::optional<TenantName>& tenant,
                                                            const std::string& after, int limit) {
  std::vector<storage::Parameter> parameters = {{"after", after}, {"limit", limit}};
  if (tenant.has_value()) parameters.push_back({"tenant", tenant->id()});
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx.Query(
          absl::StrCat("SELECT subscription_id, tenant_id, display_name, create_time, update_time, "
                       "last_event FROM subscriptions WHERE subscription_id > :after ",
                       tenant.has_value() ? "AND tenant_id = :tenant " : "",
                       "ORDER BY subscription_id LIMIT :limit"),
          parameters));
  std::vector<Subscription> subscriptions;
  for (const storage::Row& row : rows) subscriptions.push_back(ToSubscription(row));
  return subscriptions;
}

absl::Status SaveSubscription(storage::Transaction& tx, const Subscription& subscription) {
  return tx
      .Execute(
          "INSERT INTO subscriptions (subscription_id, tenant_id, display_name, create_time, "
          "update_time, last_event) "
          "VALUES (:id, :tenant, :display_name, :create_time, :update_time, :last_event) "
          "ON CONFLICT (subscription_id) DO UPDATE SET tenant_id = excluded.tenant_id, "
          "display_name = excluded.display_name, update_time = excluded.update_time, "
          "last_event = excluded.last_event",
          {{"id", subscription.name.id()},
           {"tenant", subscription.tenant.id()},
           {"display_name", subscription.display_name},
           {"create_time", subscription.create_time},
           {"update_time", subscription.update_time},
           {"last_event", subscription.last_event}})
      .status();
}

}  // namespace keyward::managed_identity
