#include "services/key_vault/limited_permissions.h"

#include <optional>

#include "common/status/status_macros.h"
#include "services/key_vault/key_permissions.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {
namespace {

constexpr KeyPermissions kCryptography = {KeyPermission::kDecrypt,   KeyPermission::kEncrypt,
                                          KeyPermission::kUnwrapKey, KeyPermission::kWrapKey,
                                          KeyPermission::kVerify,    KeyPermission::kSign};
constexpr KeyPermissions kKeyCreation = {KeyPermission::kCreate, KeyPermission::kImport,
                                         KeyPermission::kRotate, KeyPermission::kRestore};

}  // namespace

absl::Status LimitedPermissions::Check(const auth::Caller& caller, absl::string_view resource,
                                       absl::string_view key_permission) {
  KW_RETURN_IF_ERROR(checker_.Check(caller, resource, key_permission));
  const std::optional<KeyPermission> permission = ParseKeyPermission(key_permission);
  if (!permission.has_value() || kCryptography.Contains(*permission)) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const VaultName vault, VaultOf(resource));
  KW_RETURN_IF_ERROR(limiter_.TakeOperations(vault, caller.principal, 1));
  if (!kKeyCreation.Contains(*permission)) return absl::OkStatus();
  return limiter_.TakeKeyCreation(vault);
}

}  // namespace keyward::key_vault
