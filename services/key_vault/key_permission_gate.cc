#include "services/key_vault/key_permission_gate.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/key_vault/errors.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_permissions.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

absl::Status KeyPermissionGate::Check(const auth::Caller& caller, absl::string_view resource,
                                      absl::string_view key_permission) {
  const std::optional<KeyPermission> permission = ParseKeyPermission(key_permission);
  if (!permission.has_value()) {
    return absl::InternalError(absl::StrCat("a method asks for the key permission '",
                                            key_permission, "', which does not exist"));
  }
  if (caller.kind == auth::Caller::Kind::kService) return NotInPolicy(*permission);
  if (caller.kind == auth::Caller::Kind::kIdentity) KW_RETURN_IF_ERROR(fresh_());
  const absl::StatusOr<VaultName> vault = VaultOf(resource);
  if (!vault.ok()) return absl::InvalidArgumentError(vault.status().message());
  std::optional<VaultAccess> access;
  KW_RETURN_IF_ERROR(database_.ReadOne([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(access, FindVaultAccess(tx, *vault, caller.principal));
    return absl::OkStatus();
  }));
  if (!access.has_value()) return NotInPolicy(*permission);
  const bool of_tenant = IsActiveIdentityOf(caller, access->vault_tenant);
  if (caller.kind == auth::Caller::Kind::kIdentity && !of_tenant) return NotInPolicy(*permission);
  if (access->permissions.Contains(*permission)) return absl::OkStatus();
  return of_tenant ? ForbiddenByPolicy(*vault, caller.principal, *permission)
                   : NotInPolicy(*permission);
}

bool KeyPermissionGate::IsActiveIdentityOf(const auth::Caller& caller,
                                           const std::string& tenant) const {
  if (caller.kind != auth::Caller::Kind::kIdentity || caller.tenant != tenant) return false;
  const std::optional<auth::Principal> principal = principals_.FindPrincipal(caller.principal);
  return principal.has_value() && principal->active && principal->tenant == tenant;
}

}  // namespace keyward::key_vault
