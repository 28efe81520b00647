#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/tenants.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of TenantService do about tenants; tenants.proto says it in full. Callers are
// authorised already. Thread-safe.
class TenantHandler {
 public:
  explicit TenantHandler(const Changes& changes) : changes_(changes) {}

  absl::StatusOr<identity::v1::Tenant> Create(
      const server::CallContext& call, const identity::v1::CreateTenantRequest& request) const;
  absl::StatusOr<identity::v1::Tenant> Get(const identity::v1::GetTenantRequest& request) const;
  absl::StatusOr<identity::v1::ListTenantsResponse> List(
      const identity::v1::ListTenantsRequest& request) const;

 private:
  const Changes& changes_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TENANT_HANDLER_H_
