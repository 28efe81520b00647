#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HANDLER_H_

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/identities.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/identity.h"

namespace keyward::managed_identity {

// What the methods of IdentityService do; identities.proto says it in full. Callers are authorised
// already. Thread-safe.
class IdentityHandler {
 public:
  explicit IdentityHandler(const Changes& changes) : changes_(changes) {}

  absl::StatusOr<identity::v1::Identity> Create(
      const server::CallContext& call, const identity::v1::CreateIdentityRequest& request) const;
  absl::StatusOr<identity::v1::Identity> Get(const server::CallContext& call,
                                             const identity::v1::GetIdentityRequest& request) const;
  absl::StatusOr<identity::v1::ListIdentitiesResponse> List(
      const identity::v1::ListIdentitiesRequest& request) const;
  absl::StatusOr<identity::v1::Identity> Enable(
      const server::CallContext& call, const identity::v1::EnableIdentityRequest& request) const;
  absl::StatusOr<identity::v1::DisableIdentityResponse> Disable(
      const server::CallContext& call, const identity::v1::DisableIdentityRequest& request) const;
  absl::StatusOr<identity::v1::DeleteIdentityResponse> Delete(
      const server::CallContext& call, const identity::v1::DeleteIdentityRequest& request) const;

 private:
  // What Disable and Delete have in common: `type` is the event's, and `apply` changes the identity
  // unless that changes nothing.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Revoke(const server::CallContext& call, const Request& request,
                                  const char* type,
                                  absl::FunctionRef<void(Identity&, absl::Time)> apply) const;

  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_IDENTITY_HANDLER_H_
