#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/federation.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of FederationService do about federated credentials; federation.proto says it in
// full. Callers are authorised already. Thread-safe.
class CredentialHandler {
 public:
  explicit CredentialHandler(const Changes& changes) : changes_(changes) {}

  absl::StatusOr<identity::v1::FederatedCredential> Create(
      const server::CallContext& call,
      const identity::v1::CreateFederatedCredentialRequest& request) const;
  absl::StatusOr<identity::v1::FederatedCredential> Get(
      const identity::v1::GetFederatedCredentialRequest& request) const;
  absl::StatusOr<identity::v1::ListFederatedCredentialsResponse> List(
      const identity::v1::ListFederatedCredentialsRequest& request) const;
  absl::StatusOr<identity::v1::DeleteFederatedCredentialResponse> Delete(
      const server::CallContext& call,
      const identity::v1::DeleteFederatedCredentialRequest& request) const;

 private:
  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_HANDLER_H_
