#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TRUSTED_ISSUER_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TRUSTED_ISSUER_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/federation.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of FederationService do about trusted issuers; federation.proto says it in full.
// Callers are authorised already. Thread-safe.
class TrustedIssuerHandler {
 public:
  explicit TrustedIssuerHandler(const Changes& changes) : changes_(changes) {}

  absl::StatusOr<identity::v1::TrustedIssuer> Create(
      const server::CallContext& call,
      const identity::v1::CreateTrustedIssuerRequest& request) const;
  absl::StatusOr<identity::v1::TrustedIssuer> Get(
      const identity::v1::GetTrustedIssuerRequest& request) const;
  absl::StatusOr<identity::v1::ListTrustedIssuersResponse> List(
      const identity::v1::ListTrustedIssuersRequest& request) const;
  absl::StatusOr<identity::v1::TrustedIssuer> Update(
      const server::CallContext& call,
      const identity::v1::UpdateTrustedIssuerRequest& request) const;
  absl::StatusOr<identity::v1::DeleteTrustedIssuerResponse> Delete(
      const server::CallContext& call,
      const identity::v1::DeleteTrustedIssuerRequest& request) const;

 private:
  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TRUSTED_ISSUER_HANDLER_H_
