#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/identity.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// That a user-assigned identity may be used by a resource. A value.
struct Attachment {
  IdentityName identity;
  // Such as "accounts/contoso".
  std::string resource;
};

// Attachments in the database. Errors are those of Transaction.

// Those of an identity, by resource; the identities attached to a resource, by id.
absl::StatusOr<std::vector<Attachment>> AttachmentsOf(storage::Transaction& tx,
                                                      const IdentityName& identity);
absl::StatusOr<std::vector<Identity>> IdentitiesAttachedTo(storage::Transaction& tx,
                                                           const std::string& resource);
// Those whose identity is in another tenant than their resource's own identity.
absl::StatusOr<std::vector<Attachment>> AttachmentsAcrossTenants(storage::Transaction& tx);
// Those of which one end alone is in the subscription, by identity and resource.
absl::StatusOr<std::vector<Attachment>> AttachmentsOutOf(storage::Transaction& tx,
                                                         const SubscriptionName& subscription);
absl::StatusOr<bool> IsAttached(storage::Transaction& tx, const Attachment& attachment);
// Must not be there already.
absl::Status InsertAttachment(storage::Transaction& tx, const Attachment& attachment,
                              absl::Time now);
absl::Status DeleteAttachment(storage::Transaction& tx, const Attachment& attachment);
// All of an identity that goes, and all of the resource whose identity it is.
absl::Status DeleteAttachmentsOf(storage::Transaction& tx, const Identity& identity);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_STORE_H_
