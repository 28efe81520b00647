#include "services/managed_identity/identity_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/storage/value.h"

namespace keyward::managed_identity {
namespace {

std::string Select(absl::string_view rest) {
  return absl::StrCat(
      "SELECT identity_id, resource, subscription_id, tenant_id, state, principal_id, "
      "state_reason, create_time, update_time, not_before, last_event FROM identities ",
      rest);
}

Identity ToIdentity(const storage::Row& row) {
  return {.name = IdentityName::FromTrustedId(row.GetString(0)),
          .resource = row.GetString(1),
          .subscription = SubscriptionName::FromTrustedId(row.GetString(2)),
          .tenant = TenantName::FromTrustedId(row.GetString(3)),
          .state = static_cast<IdentityState>(row.GetInt64(4)),
          .principal_id = row.GetString(5),
          .state_reason = row.GetString(6),
          .create_time = row.GetTime(7),
          .update_time = row.GetTime(8),
          .not_before = row.GetTime(9),
          .last_event = row.GetInt64(10)};
}

absl::StatusOr<std::optional<Identity>> FirstOf(absl::StatusOr<std::optional<storage::Row>> row) {
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  return ToIdentity(**row);
}

absl::StatusOr<std::vector<Identity>> AllOf(absl::StatusOr<std::vector<storage::Row>> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Identity> identities;
  for (const storage::Row& row : *rows) identities.push_back(ToIdentity(row));
  return identities;
}

}  // namespace

absl::StatusOr<std::optional<Identity>> FindIdentity(storage::Transaction& tx,
                                                     const IdentityName& name) {
  return FirstOf(tx.QueryOne(Select("WHERE identity_id = :id"), {{"id", name.id()}}));
}

absl::StatusOr<std::optional<Identity>> FindIdentityOfResource(storage::Transaction& tx,
                                                               const std::string& resource) {
  return FirstOf(tx.QueryOne(Select("WHERE resource = :resource"), {{"resource", resource}}));
}

absl::StatusOr<std::optional<Identity>> FindIdentityOfPrincipal(storage::Transaction& tx,
                                                                const std::string& principal_id) {
  return FirstOf(
      tx.QueryOne(Select("WHERE principal_id = :principal_id"), {{"principal_id", principal_id}}));
}

absl::StatusOr<std::vector<Identity>> ListIdentities(storage::Transaction& tx,
                                                     const IdentityParent& parent,
                                                     const std::string& after, int limit) {
  std::vector<storage::Parameter> parameters = {{"after", after}, {"limit", limit}};
  absl::string_view filter;
  if (const auto* tenant = std::get_if<TenantName>(&parent)) {
    filter = "AND tenant_id = :parent ";
    parameters.push_back({"parent", tenant->id()});
  } else if (const auto* subscription = std::get_if<SubscriptionName>(&parent)) {
    filter = "AND subscription_id = :parent ";
    parameters.push_back({"parent", subscription->id()});
  }
  return AllOf(tx.Query(Select(absl::StrCat("WHERE identity_id > :after ", filter,
                                            "ORDER BY identity_id LIMIT :limit")),
                        parameters));
}

absl::StatusOr<std::vector<Identity>> IdentitiesIn(storage::Transaction& tx,
                                                   const SubscriptionName& subscription) {
  return AllOf(tx.Query(Select("WHERE subscription_id = :subscription ORDER BY identity_id"),
                        {{"subscription", subscription.id()}}));
}

absl::Status SaveIdentity(storage::Transaction& tx, const Identity& identity) {
  // Several identities may be without a principal, and only nulls may repeat in a unique column.
  const storage::Value principal_id =
      identity.principal_id.empty() ? storage::Value() : storage::Value(identity.principal_id);
  return tx
      .Execute(
          "INSERT INTO identities (identity_id, resource, subscription_id, tenant_id, state, "
          "principal_id, state_reason, create_time, update_time, not_before, last_event) "
          "VALUES (:id, :resource, :subscription, :tenant, :state, :principal_id, :state_reason, "
          ":create_time, :update_time, :not_before, :last_event) "
          "ON CONFLICT (identity_id) DO UPDATE SET resource = excluded.resource, "
          "subscription_id = excluded.subscription_id, "
          "tenant_id = excluded.tenant_id, state = excluded.state, "
          "principal_id = excluded.principal_id, state_reason = excluded.state_reason, "
          "create_time = excluded.create_time, update_time = excluded.update_time, "
          "not_before = excluded.not_before, last_event = excluded.last_event",
          {{"id", identity.name.id()},
           {"resource", identity.resource},
           {"subscription", identity.subscription.id()},
           {"tenant", identity.tenant.id()},
           {"state", static_cast<int>(identity.state)},
           {"principal_id", principal_id},
           {"state_reason", identity.state_reason},
           {"create_time", identity.create_time},
           {"update_time", identity.update_time},
           {"not_before", identity.not_before},
           {"last_event", identity.last_event}})
      .status();
}

}  // namespace keyward::managed_identity
