#include "services/managed_identity/identity_hierarchy.h"

#include <optional>

#include "common/status/status_macros.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/role_store.h"
#include "services/managed_identity/tenant_store.h"

namespace keyward::managed_identity {
namespace {

// Appends what lies above, up to the root but without it, to `path`.
using Path = std::vector<std::string>;

absl::Status ClimbFromSubscription(storage::Transaction& tx, const SubscriptionName& name,
                                   Path& path) {
  KW_ASSIGN_OR_RETURN(const std::optional<Subscription> subscription, FindSubscription(tx, name));
  if (subscription.has_value()) path.push_back(subscription->tenant.ToString());
  return absl::OkStatus();
}

absl::Status ClimbFromOwned(storage::Transaction& tx, const Identity& identity, Path& path) {
  path.push_back(identity.subscription.ToString());
  return ClimbFromSubscription(tx, identity.subscription, path);
}

absl::Status ClimbFromIdentity(storage::Transaction& tx, const IdentityName& name, Path& path) {
  KW_ASSIGN_OR_RETURN(const std::optional<Identity> identity, FindIdentity(tx, name));
  if (!identity.has_value()) return absl::OkStatus();
  path.push_back(identity->resource);
  return ClimbFromOwned(tx, *identity, path);
}

// From a resource of another service: by its name, and by its identity if it has one here.
absl::Status ClimbFromForeign(storage::Transaction& tx, ResourcePath resource, Path& path) {
  while (true) {
    KW_ASSIGN_OR_RETURN(const auto identity, FindIdentityOfResource(tx, resource.ToString()));
    if (identity.has_value()) return ClimbFromOwned(tx, *identity, path);
    resource = resource.Parent();
    if (resource.is_root()) return absl::OkStatus();
    path.push_back(resource.ToString());
  }
}

absl::Status ClimbFrom(storage::Transaction& tx, const std::string& resource, Path& path) {
  if (const auto name = SubscriptionName::Parse(resource, ""); name.ok()) {
    return ClimbFromSubscription(tx, *name, path);
  }
  if (const auto name = IdentityName::Parse(resource, ""); name.ok()) {
    return ClimbFromIdentity(tx, *name, path);
  }
  if (const auto name = FederatedCredentialName::Parse(resource, ""); name.ok()) {
    path.push_back(name->identity().ToString());
    return ClimbFromIdentity(tx, name->identity(), path);
  }
  if (const auto name = RoleAssignmentName::Parse(resource, ""); name.ok()) {
    KW_ASSIGN_OR_RETURN(const std::optional<RoleAssignment> assignment,
                        FindRoleAssignment(tx, *name));
    if (!assignment.has_value() || assignment->scope.is_root()) return absl::OkStatus();
    path.push_back(assignment->scope.ToString());
    return ClimbFrom(tx, assignment->scope.ToString(), path);
  }
  const auto path_of_resource = ResourcePath::Parse(resource, "");
  if (!path_of_resource.ok() || path_of_resource->is_root()) return absl::OkStatus();
  return ClimbFromForeign(tx, *path_of_resource, path);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> AncestorsIn(storage::Transaction& tx,
                                                     absl::string_view resource) {
  const std::string name(resource);
  Path path = {name};
  if (name == "/") return path;
  KW_RETURN_IF_ERROR(ClimbFrom(tx, name, path));
  path.push_back("/");
  return path;
}

absl::StatusOr<std::vector<std::string>> IdentityHierarchy::Ancestors(absl::string_view resource) {
  Path path;
  KW_RETURN_IF_ERROR(database_.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(path, AncestorsIn(tx, resource));
    return absl::OkStatus();
  }));
  return path;
}

}  // namespace keyward::managed_identity
