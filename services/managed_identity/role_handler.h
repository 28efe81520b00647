#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_HANDLER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/roles.pb.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// What the methods of RoleService do; roles.proto says it in full. Callers are authorised already:
// who creates an assignment may do so on its scope. Thread-safe.
class RoleHandler {
 public:
  RoleHandler(const Changes& changes, std::string trust_domain)
      : changes_(changes), trust_domain_(std::move(trust_domain)) {}

  absl::StatusOr<identity::v1::RoleAssignment> Create(
      const server::CallContext& call,
      const identity::v1::CreateRoleAssignmentRequest& request) const;
  absl::StatusOr<identity::v1::ListRoleAssignmentsResponse> List(
      const identity::v1::ListRoleAssignmentsRequest& request) const;
  absl::StatusOr<identity::v1::DeleteRoleAssignmentResponse> Delete(
      const server::CallContext& call,
      const identity::v1::DeleteRoleAssignmentRequest& request) const;

 private:
  const Changes& changes_;
  const std::string trust_domain_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_ROLE_HANDLER_H_
