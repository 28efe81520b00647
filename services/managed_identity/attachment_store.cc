#include "services/managed_identity/attachment_store.h"

#include <optional>

#include "common/status/status_macros.h"
#include "services/managed_identity/identity_store.h"

namespace keyward::managed_identity {
namespace {

absl::StatusOr<std::vector<Attachment>> AllOf(absl::StatusOr<std::vector<storage::Row>> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Attachment> attachments;
  for (const storage::Row& row : *rows) {
    attachments.push_back({IdentityName::FromTrustedId(row.GetString(0)), row.GetString(1)});
  }
  return attachments;
}

}  // namespace

absl::StatusOr<std::vector<Attachment>> AttachmentsOf(storage::Transaction& tx,
                                                      const IdentityName& identity) {
  return AllOf(
      tx.Query("SELECT identity_id, resource FROM identity_attachments "
               "WHERE identity_id = :identity ORDER BY resource",
               {{"identity", identity.id()}}));
}

absl::StatusOr<std::vector<Identity>> IdentitiesAttachedTo(storage::Transaction& tx,
                                                           const std::string& resource) {
  KW_ASSIGN_OR_RETURN(const auto attachments,
                      AllOf(tx.Query("SELECT identity_id, resource FROM identity_attachments "
                                     "WHERE resource = :resource ORDER BY identity_id",
                                     {{"resource", resource}})));
  std::vector<Identity> identities;
  for (const Attachment& attachment : attachments) {
    KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, attachment.identity));
    if (identity.has_value()) identities.push_back(*std::move(identity));
  }
  return identities;
}

absl::StatusOr<std::vector<Attachment>> AttachmentsAcrossTenants(storage::Transaction& tx) {
  return AllOf(
      tx.Query("SELECT a.identity_id, a.resource FROM identity_attachments a "
               "JOIN identities i ON i.identity_id = a.identity_id "
               "JOIN identities r ON r.resource = a.resource "
               "WHERE i.tenant_id <> r.tenant_id ORDER BY a.identity_id, a.resource"));
}

absl::StatusOr<std::vector<Attachment>> AttachmentsOutOf(storage::Transaction& tx,
                                                         const SubscriptionName& subscription) {
  return AllOf(
      tx.Query("SELECT a.identity_id, a.resource FROM identity_attachments a "
               "JOIN identities i ON i.identity_id = a.identity_id "
               "JOIN identities r ON r.resource = a.resource "
               "WHERE i.subscription_id <> r.subscription_id "
               "AND :subscription IN (i.subscription_id, r.subscription_id) "
               "ORDER BY a.identity_id, a.resource",
               {{"subscription", subscription.id()}}));
}

absl::StatusOr<bool> IsAttached(storage::Transaction& tx, const Attachment& attachment) {
  KW_ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne("SELECT 1 FROM identity_attachments "
                  "WHERE identity_id = :identity AND resource = :resource",
                  {{"identity", attachment.identity.id()}, {"resource", attachment.resource}}));
  return row.has_value();
}

absl::Status InsertAttachment(storage::Transaction& tx, const Attachment& attachment,
                              absl::Time now) {
  return tx
      .Execute(
          "INSERT INTO identity_attachments (identity_id, resource, create_time) "
          "VALUES (:identity, :resource, :now)",
          {{"identity", attachment.identity.id()}, {"resource", attachment.resource}, {"now", now}})
      .status();
}

absl::Status DeleteAttachment(storage::Transaction& tx, const Attachment& attachment) {
  return tx
      .Execute(
          "DELETE FROM identity_attachments "
          "WHERE identity_id = :identity AND resource = :resource",
          {{"identity", attachment.identity.id()}, {"resource", attachment.resource}})
      .status();
}

absl::Status DeleteAttachmentsOf(storage::Transaction& tx, const Identity& identity) {
  return tx
      .Execute(
          "DELETE FROM identity_attachments "
          "WHERE identity_id = :identity OR resource = :resource",
          {{"identity", identity.name.id()}, {"resource", identity.resource}})
      .status();
}

}  // namespace keyward::managed_identity
