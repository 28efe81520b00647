#include "services/encryption/names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace keyward::encryption {
namespace {

constexpr char kSlugForm[] = "3-63 of [0-9a-z-], a letter first";

bool IsSlug(absl::string_view id) {
  return id.size() >= 3 && id.size() <= 63 && absl::ascii_islower(id[0]) &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return absl::ascii_isdigit(c) || absl::ascii_islower(c) || c == '-';
         });
}

// The shape of what key_vault names; whether it exists, and by finer rules could, key_vault says.
bool IsVaultWord(absl::string_view id, size_t longest) {
  return !id.empty() && id.size() <= longest &&
         std::all_of(id.begin(), id.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsVersion(absl::string_view id) {
  return id.size() == 32 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

std::vector<absl::string_view> Parts(absl::string_view name) { return absl::StrSplit(name, '/'); }

bool IsSlugOf(absl::string_view name, absl::string_view collection) {
  const std::vector<absl::string_view> parts = Parts(name);
  return parts.size() == 2 && parts[0] == collection && IsSlug(parts[1]);
}

bool IsVaultName(absl::string_view name) {
  const std::vector<absl::string_view> parts = Parts(name);
  return parts.size() == 2 && parts[0] == "vaults" && IsVaultWord(parts[1], 24);
}

}  // namespace

absl::StatusOr<AccountName> AccountName::Parse(absl::string_view name, absl::string_view field) {
  if (!IsSlugOf(name, "accounts")) {
    return InvalidField(
        field, absl::StrCat("must be \"accounts/{account}\", the account's id ", kSlugForm));
  }
  return AccountName(std::string(Parts(name)[1]));
}

absl::StatusOr<AccountName> AccountName::FromId(absl::string_view id, absl::string_view field) {
  if (!IsSlug(id)) return InvalidField(field, absl::StrCat("must be ", kSlugForm));
  return AccountName(std::string(id));
}

std::string AccountName::ToString() const { return absl::StrCat("accounts/", id_); }

std::string AccountName::Identity() const { return absl::StrCat("identities/", id_); }

absl::StatusOr<CustomerKeyName> CustomerKeyName::Parse(absl::string_view name,
                                                       absl::string_view field) {
  const std::vector<absl::string_view> parts = Parts(name);
  const bool key = (parts.size() == 4 || parts.size() == 6) && parts[0] == "vaults" &&
                   IsVaultWord(parts[1], 24) && parts[2] == "keys" && IsVaultWord(parts[3], 127);
  if (!key || (parts.size() == 6 && (parts[4] != "versions" || !IsVersion(parts[5])))) {
    return InvalidField(field,
                        "must be \"vaults/{vault}/keys/{key}\" to follow the newest version, or "
                        "with \"/versions/{version}\" (32 hex digits) to stay at one");
  }
  const std::string vault = absl::StrCat("vaults/", parts[1]);
  const std::string key_name = absl::StrCat(vault, "/keys/", parts[3]);
  return CustomerKeyName(vault, key_name, parts.size() == 6 ? std::string(name) : "");
}

absl::StatusOr<RevocableName> RevocableName::Parse(absl::string_view name,
                                                   absl::string_view field) {
  if (IsSlugOf(name, "accounts")) return RevocableName{Kind::kAccount, std::string(name)};
  if (IsSlugOf(name, "identities")) return RevocableName{Kind::kIdentity, std::string(name)};
  if (IsSlugOf(name, "subscriptions")) {
    return RevocableName{Kind::kSubscription, std::string(name)};
  }
  if (IsVaultName(name)) return RevocableName{Kind::kVault, std::string(name)};
  if (absl::StatusOr<CustomerKeyName> key = CustomerKeyName::Parse(name, field); key.ok()) {
    return RevocableName{key->follows_newest() ? Kind::kKey : Kind::kKeyVersion, std::string(name)};
  }
  return InvalidField(
      field,
      "must name an identity, a key, a key version, a vault, a subscription or an "
      "account, such as \"vaults/{vault}/keys/{key}\" or \"identities/{identity}\"");
}

absl::StatusOr<std::string> ParseIdentity(absl::string_view name, absl::string_view field) {
  if (!name.empty() && !IsSlugOf(name, "identities")) {
    return InvalidField(field,
                        absl::StrCat("must be \"identities/{identity}\", its id ", kSlugForm));
  }
  return std::string(name);
}

absl::StatusOr<std::string> ParseSubscription(absl::string_view name, absl::string_view field) {
  if (!IsSlugOf(name, "subscriptions")) {
    return InvalidField(
        field, absl::StrCat("must be \"subscriptions/{subscription}\", its id ", kSlugForm));
  }
  return std::string(name);
}

}  // namespace keyward::encryption
