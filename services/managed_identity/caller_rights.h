#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_CALLER_RIGHTS_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_CALLER_RIGHTS_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/caller.h"
#include "common/server/call_context.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/role_assignment.h"

namespace keyward::managed_identity {

// What a caller may do as roles and hierarchy stand in one transaction. What the Authorizer said
// before it began may be overtaken by the move of a subscription, or by the withdrawal of a role;
// this cannot, since those are transactions too. Lives no longer than the transaction; used by one
// thread. Errors beside those named are the database's.
class CallerRights {
 public:
  static absl::StatusOr<CallerRights> Load(storage::Transaction& tx, const auth::Caller& caller);

  // Whether a role of the caller on `resource`, or on what lies above it, has the permission.
  absl::StatusOr<bool> Include(absl::string_view permission, absl::string_view resource) const;
  // OK if so; otherwise PERMISSION_DENIED (NOT_AUTHORIZED), as the Authorizer says it.
  absl::Status Require(absl::string_view permission, absl::string_view resource) const;

 private:
  CallerRights(storage::Transaction& tx, std::vector<RoleAssignment> roles)
      : tx_(tx), roles_(std::move(roles)) {}

  bool HasRole(absl::string_view permission, absl::string_view scope) const;

  storage::Transaction& tx_;
  std::vector<RoleAssignment> roles_;
};

// OK if the rule by which the call was let in lets it in still; otherwise PERMISSION_DENIED
// (NOT_AUTHORIZED). A call without a rule asks for nothing.
absl::Status StillAuthorized(storage::Transaction& tx, const server::CallContext& call);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_CALLER_RIGHTS_H_
