#include "services/key_vault/access_policy.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace keyward::key_vault {
namespace {

constexpr size_t kMaxPrincipalLength = 256;

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = absl::ascii_isdigit(static_cast<unsigned char>(text[i])) ||
                       (text[i] >= 'a' && text[i] <= 'f');
    if (hyphen ? text[i] != '-' : !digit) return false;
  }
  return true;
}

bool IsOperator(absl::string_view text) {
  if (text.size() > kMaxPrincipalLength || !absl::StartsWith(text, "spiffe://")) return false;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(absl::StripPrefix(text, "spiffe://"), '/');
  if (parts.size() != 3 || parts[1] != "operator") return false;
  for (absl::string_view part : parts) {
    if (part.empty()) return false;
    for (char c : part) {
      const bool allowed =
          absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
      if (!allowed) return false;
    }
  }
  return true;
}

}  // namespace

bool IsPolicyPrincipal(absl::string_view principal) {
  return IsUuid(principal) || IsOperator(principal);
}

AccessPolicy::AccessPolicy(Entries entries) : entries_(std::move(entries)) {
  std::erase_if(entries_, [](const auto& entry) { return entry.second.empty(); });
}

KeyPermissions AccessPolicy::PermissionsOf(const std::string& principal) const {
  const auto entry = entries_.find(principal);
  return entry == entries_.end() ? KeyPermissions() : entry->second;
}

AccessPolicy AccessPolicy::With(const Entries& entries) const {
  Entries result = entries_;
  for (const auto& [principal, permissions] : entries) {
    result[principal] = result[principal] | permissions;
  }
  return AccessPolicy(std::move(result));
}

AccessPolicy AccessPolicy::Without(const Entries& entries) const {
  Entries result = entries_;
  for (const auto& [principal, permissions] : entries) {
    result[principal] = result[principal] - permissions;
  }
  return AccessPolicy(std::move(result));
}

PolicyChange Compare(const AccessPolicy& before, const AccessPolicy& after) {
  PolicyChange change;
  for (const auto& [principal, permissions] : before.entries()) {
    const KeyPermissions now = after.PermissionsOf(principal);
    if (now == permissions) continue;
    change.changed[principal] = now;
    if (!now.ContainsAll(permissions)) change.takes_away = true;
  }
  for (const auto& [principal, permissions] : after.entries()) {
    if (before.entries().count(principal) == 0) change.changed[principal] = permissions;
  }
  return change;
}

}  // namespace keyward::key_vault
