#ifndef KEYWARD_COMMON_AUTH_ROLES_H_
#define KEYWARD_COMMON_AUTH_ROLES_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "keyward/identity/v1/roles.pb.h"

namespace keyward::auth {

// Whether a role contains a permission of the management plane, such as "keyvault.vaults.create".
// The table of all roles is in roles.cc. An unknown role contains nothing.
bool RolePermits(identity::v1::Role role, absl::string_view permission);

// All roles that contain a permission.
std::vector<identity::v1::Role> RolesWith(absl::string_view permission);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_ROLES_H_
