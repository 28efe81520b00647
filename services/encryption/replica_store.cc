#include "services/encryption/replica_store.h"

#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {
namespace {

using storage::Row;
using storage::Transaction;

KnownIdentity IdentityFrom(const Row& row) {
  return {row.GetString(0), row.GetString(1), row.GetString(2)};
}

}  // namespace

absl::Status StoreSubscription(Transaction& tx, int64_t sequence, const SubscriptionEvent& event) {
  return tx
      .Execute(
          "INSERT INTO subscriptions (subscription, tenant, sequence) "
          "VALUES (:subscription, :tenant, :sequence) "
          "ON CONFLICT (subscription) DO UPDATE SET tenant = :tenant, sequence = :sequence "
          "WHERE subscriptions.sequence < :sequence",
          {{"subscription", event.subscription}, {"tenant", event.tenant}, {"sequence", sequence}})
      .status();
}

absl::StatusOr<std::optional<std::string>> TenantOf(Transaction& tx,
                                                    const std::string& subscription) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<Row> row,
      tx.QueryOne("SELECT tenant FROM subscriptions WHERE subscription = :subscription",
                  {{"subscription", subscription}}));
  if (!row.has_value()) return std::nullopt;
  return row->GetString(0);
}

absl::Status StorePrincipal(Transaction& tx, int64_t sequence, const PrincipalEvent& event) {
  return tx
      .Execute(
          "INSERT INTO identities (resource, identity, principal, tenant, sequence) "
          "VALUES (:resource, :identity, :principal, :tenant, :sequence) "
          "ON CONFLICT (resource) DO UPDATE SET identity = :identity, principal = :principal, "
          "tenant = :tenant, sequence = :sequence WHERE identities.sequence < :sequence",
          {{"resource", event.resource},
           {"identity", event.identity},
           {"principal", event.active ? event.principal : ""},
           {"tenant", event.tenant},
           {"sequence", sequence}})
      .status();
}

absl::StatusOr<std::optional<KnownIdentity>> IdentityOf(Transaction& tx,
                                                        const std::string& resource) {
  KW_ASSIGN_OR_RETURN(const std::optional<Row> row,
                      tx.QueryOne("SELECT identity, principal, tenant FROM identities "
                                  "WHERE resource = :resource",
                                  {{"resource", resource}}));
  if (!row.has_value()) return std::nullopt;
  return IdentityFrom(*row);
}

absl::Status StoreAttachment(Transaction& tx, int64_t sequence, const AttachmentEvent& event) {
  return tx
      .Execute(
          "INSERT INTO attachments (identity, resource, attached, sequence) "
          "VALUES (:identity, :resource, :attached, :sequence) "
          "ON CONFLICT (identity, resource) DO UPDATE SET attached = :attached, "
          "sequence = :sequence WHERE attachments.sequence < :sequence",
          {{"identity", event.identity},
           {"resource", event.resource},
           {"attached", event.attached},
           {"sequence", sequence}})
      .status();
}

absl::StatusOr<bool> IsAttached(Transaction& tx, const std::string& identity,
                                const std::string& resource) {
  KW_ASSIGN_OR_RETURN(const std::optional<Row> row,
                      tx.QueryOne("SELECT attached FROM attachments "
                                  "WHERE identity = :identity AND resource = :resource",
                                  {{"identity", identity}, {"resource", resource}}));
  return row.has_value() && row->GetBool(0);
}

absl::Status StoreVaultChange(Transaction& tx, int64_t sequence, const std::string& vault) {
  return tx
      .Execute(
          "INSERT INTO vault_changes (vault, sequence) VALUES (:vault, :sequence) "
          "ON CONFLICT (vault) DO UPDATE SET sequence = :sequence "
          "WHERE vault_changes.sequence < :sequence",
          {{"vault", vault}, {"sequence", sequence}})
      .status();
}

absl::StatusOr<int64_t> LastVaultChange(Transaction& tx, const std::string& vault) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<Row> row,
      tx.QueryOne("SELECT sequence FROM vault_changes WHERE vault = :vault", {{"vault", vault}}));
  return row.has_value() ? row->GetInt64(0) : 0;
}

absl::Status StoreApplied(Transaction& tx, const std::string& source, int64_t sequence) {
  return tx
      .Execute(
          "INSERT INTO applied_feeds (source, sequence) VALUES (:source, :sequence) "
          "ON CONFLICT (source) DO UPDATE SET sequence = :sequence "
          "WHERE applied_feeds.sequence < :sequence",
          {{"source", source}, {"sequence", sequence}})
      .status();
}

absl::StatusOr<int64_t> AppliedOf(Transaction& tx, const std::string& source) {
  KW_ASSIGN_OR_RETURN(const std::optional<Row> row,
                      tx.QueryOne("SELECT sequence FROM applied_feeds WHERE source = :source",
                                  {{"source", source}}));
  return row.has_value() ? row->GetInt64(0) : 0;
}

absl::StatusOr<std::map<std::string, std::string>> AllSubscriptions(Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query("SELECT subscription, tenant FROM subscriptions"));
  std::map<std::string, std::string> subscriptions;
  for (const Row& row : rows) subscriptions[row.GetString(0)] = row.GetString(1);
  return subscriptions;
}

absl::StatusOr<std::map<std::string, KnownIdentity>> AllIdentities(Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                      tx.Query("SELECT identity, principal, tenant, resource FROM identities"));
  std::map<std::string, KnownIdentity> identities;
  for (const Row& row : rows) identities[row.GetString(3)] = IdentityFrom(row);
  return identities;
}

}  // namespace keyward::encryption
