#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/identities.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of IdentityService do about user-assigned identities and which resource may use
// them; identities.proto says it in full. Callers are authorised already for what the methods'
// options name. Thread-safe.
class AttachmentHandler {
 public:
  // `changes` must outlive this.
  explicit AttachmentHandler(const Changes& changes) : changes_(changes) {}

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
  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ATTACHMENT_HANDLER_H_
