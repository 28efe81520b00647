#include "services/key_vault/key_permissions.h"

#include <array>
#include <cstddef>

#include "absl/strings/match.h"

namespace keyward::key_vault {
namespace {

constexpr size_t kCount = static_cast<size_t>(KeyPermission::kCount);

constexpr std::array<const char*, kCount> kNames = {
    "get",
    "list",
    "create",
    "update",
    "import",
    "delete",
    "recover",
    "backup",
    "restore",
    "decrypt",
    "encrypt",
    "unwrapKey",
    "wrapKey",
    "verify",
    "sign",
    "purge",
    "rotate",
    "getRotationPolicy",
    "setRotationPolicy",
    "getRandomBytes",
};

}  // namespace

absl::string_view ToString(KeyPermission permission) {
  return kNames[static_cast<size_t>(permission)];
}

std::optional<KeyPermission> ParseKeyPermission(absl::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (absl::EqualsIgnoreCase(name, kNames[i])) return static_cast<KeyPermission>(i);
  }
  return std::nullopt;
}

std::optional<KeyPermissions> ParseKeyPermissions(absl::string_view name) {
  if (absl::EqualsIgnoreCase(name, "all")) return KeyPermissions::All();
  const std::optional<KeyPermission> permission = ParseKeyPermission(name);
  if (!permission.has_value()) return std::nullopt;
  return KeyPermissions{*permission};
}

std::vector<std::string> Names(KeyPermissions permissions) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kCount; ++i) {
    if (permissions.Contains(static_cast<KeyPermission>(i))) names.emplace_back(kNames[i]);
  }
  return names;
}

}  // namespace keyward::key_vault
