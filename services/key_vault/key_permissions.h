#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSIONS_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/key_vault/flag_set.h"

namespace keyward::key_vault {

// What an access policy can give. The numbers are stored: add at the end only.
enum class KeyPermission {
  kGet,
  kList,
  kCreate,
  kUpdate,
  kImport,
  kDelete,
  kRecover,
  kBackup,
  kRestore,
  kDecrypt,
  kEncrypt,
  kUnwrapKey,
  kWrapKey,
  kVerify,
  kSign,
  kPurge,
  kRotate,
  kGetRotationPolicy,
  kSetRotationPolicy,
  kGetRandomBytes,
  kCount,
};

using KeyPermissions = FlagSet<KeyPermission>;

// The name in requests, such as "wrapKey".
absl::string_view ToString(KeyPermission permission);

// The permission of that name, whatever its case, as Azure has it; nothing if there is none.
std::optional<KeyPermission> ParseKeyPermission(absl::string_view name);

// The permissions of that name: one, or every one for "all". Nothing if there are none.
std::optional<KeyPermissions> ParseKeyPermissions(absl::string_view name);

// The names, in the order of the enumeration; "all" is spelled out.
std::vector<std::string> Names(KeyPermissions permissions);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_PERMISSIONS_H_
