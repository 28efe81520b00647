#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/principal_directory.h"
#include "common/auth/resource_hierarchy.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/identities.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// What the methods of IdentityService do about user-assigned identities and which resource may use
// them; identities.proto says it in full. Callers are authorised already for what the methods'
// options name. Thread-safe.
class AttachmentHandler {
 public:
  // Everything given must outlive this.
  AttachmentHandler(const Changes& changes, const auth::PrincipalDirectory& directory,
                    auth::ResourceHierarchy& hierarchy)
      : changes_(changes), directory_(directory), hierarchy_(hierarchy) {}

  absl::StatusOr<identity::v1::Identity> CreateUserAssigned(
      const server::CallContext& call,
      const identity::v1::CreateUserAssignedIdentityRequest& request) const;
  absl::StatusOr<identity::v1::Identity> Attach(
      const server::CallContext& call, const identity::v1::AttachIdentityRequest& request) const;
  absl::StatusOr<identity::v1::DetachIdentityResponse> Detach(
      const server::CallContext& call, const identity::v1::DetachIdentityRequest& request) const;
  absl::StatusOr<identity::v1::Identity> Select(
      const identity::v1::SelectIdentityRequest& request) const;

 private:
  // The method's option covers the identity alone: nobody shall bring another's resource under one.
  absl::Status CheckResource(const server::CallContext& call, const ResourcePath& resource) const;

  const Changes& changes_;
  const auth::PrincipalDirectory& directory_;
  auth::ResourceHierarchy& hierarchy_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_
