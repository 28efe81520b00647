#include "services/managed_identity/attachment_change.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "keyward/identity/v1/events.pb.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/identity_store.h"

namespace keyward::managed_identity {
namespace {

// The resource's own identity, by which this service knows the resource and where it is.
absl::StatusOr<Identity> OwnIdentity(storage::Transaction& tx, const std::string& resource) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> own, FindIdentityOfResource(tx, resource));
  if (!own.has_value() || own->state == IdentityState::kDeleted || own->user_assigned()) {
    return ResourceUnknown(resource);
  }
  return *std::move(own);
}

absl::Status Tell(Change& change, Identity& identity, const std::string& resource, bool attached) {
  identity::v1::AttachmentChanged event;
  event.set_identity(identity.name.ToString());
  event.set_resource(resource);
  event.set_principal_id(identity.principal_id);
  event.set_tenant(identity.tenant.ToString());
  event.set_attached(attached);
  KW_ASSIGN_OR_RETURN(identity.last_event,
                      change.Publish(attached ? "IdentityAttached" : "IdentityDetached",
                                     identity.name.ToString(), event));
  return SaveIdentity(change.tx(), identity);
}

}  // namespace

absl::Status Attach(Change& change, Identity& identity, const ResourcePath& resource) {
  const Attachment attachment = {identity.name, resource.ToString()};
  if (!identity.user_assigned()) return IdentityNotUserAssigned(identity.name);
  if (identity.state == IdentityState::kDeleted) return IdentityDeleted(identity.name);
  KW_ASSIGN_OR_RETURN(const Identity own, OwnIdentity(change.tx(), attachment.resource));
  if (!(own.tenant == identity.tenant)) {
    return OtherTenant(identity.name, identity.tenant, attachment.resource, own.tenant);
  }
  KW_ASSIGN_OR_RETURN(const bool attached, IsAttached(change.tx(), attachment));
  if (attached) return absl::OkStatus();
  KW_RETURN_IF_ERROR(InsertAttachment(change.tx(), attachment, change.now()));
  return Tell(change, identity, attachment.resource, /*attached=*/true);
}

absl::Status Detach(Change& change, Identity& identity, const std::string& resource) {
  const Attachment attachment = {identity.name, resource};
  KW_ASSIGN_OR_RETURN(const bool attached, IsAttached(change.tx(), attachment));
  if (!attached) return absl::OkStatus();
  KW_RETURN_IF_ERROR(DeleteAttachment(change.tx(), attachment));
  KW_RETURN_IF_ERROR(Tell(change, identity, resource, /*attached=*/false));
  KW_FAULT_POINT("managed_identity.identity_detached");
  return absl::OkStatus();
}

absl::Status DetachAcrossTenants(Change& change) {
  KW_ASSIGN_OR_RETURN(const std::vector<Attachment> across, AttachmentsAcrossTenants(change.tx()));
  for (const Attachment& attachment : across) {
    KW_ASSIGN_OR_RETURN(std::optional<Identity> identity,
                        FindIdentity(change.tx(), attachment.identity));
    if (!identity.has_value()) return absl::DataLossError("an attachment without an identity");
    KW_RETURN_IF_ERROR(Detach(change, *identity, attachment.resource));
  }
  return absl::OkStatus();
}

absl::StatusOr<Identity> SelectIdentity(storage::Transaction& tx, const std::string& resource,
                                        const std::optional<IdentityName>& wanted) {
  KW_ASSIGN_OR_RETURN(Identity own, OwnIdentity(tx, resource));
  KW_ASSIGN_OR_RETURN(std::vector<Identity> attached, IdentitiesAttachedTo(tx, resource));
  if (wanted.has_value()) {
    if (own.name == *wanted) return own;
    for (Identity& identity : attached) {
      if (identity.name == *wanted) return std::move(identity);
    }
    return IdentityNotAttached(*wanted, resource);
  }
  if (own.enabled()) return own;
  std::vector<Identity> enabled;
  for (Identity& identity : attached) {
    if (identity.enabled()) enabled.push_back(std::move(identity));
  }
  if (enabled.empty()) return own;
  if (enabled.size() == 1) return std::move(enabled.front());
  std::vector<std::string> names;
  for (const Identity& identity : enabled) names.push_back(identity.name.ToString());
  return IdentityAmbiguous(resource, names);
}

}  // namespace keyward::managed_identity
