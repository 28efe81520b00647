#include "services/key_vault/names.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/random.h"
#include "common/status/status_macros.h"

namespace keyward::key_vault {
namespace {

#define KW_VAULT_ID                                                                               \
  "3-24 of [0-9A-Za-z-] that start with a letter, do not end with a hyphen and hold no two in a " \
  "row"
#define KW_KEY_ID "1-127 of [0-9A-Za-z-]"
#define KW_VERSION_ID "32 lower-case hexadecimal digits"

constexpr char kVaultId[] = "must be " KW_VAULT_ID;
constexpr char kKeyId[] = "must be " KW_KEY_ID;
constexpr char kVersionId[] = "must be " KW_VERSION_ID;
constexpr char kVaultForm[] = "must be \"vaults/{vault}\", with " KW_VAULT_ID;
constexpr char kKeyForm[] = "must be \"vaults/{vault}/keys/{key}\", with " KW_KEY_ID " for the key";
constexpr char kVersionForm[] =
    "must be \"vaults/{vault}/keys/{key}/versions/{version}\", with " KW_VERSION_ID
    " for the version";
constexpr char kReferenceForm[] =
    "must be \"vaults/{vault}/keys/{key}\", or that with \"/versions/{version}\"";

constexpr char kRotationPolicyForm[] = "must be \"vaults/{vault}/keys/{key}/rotationPolicy\"";

constexpr absl::string_view kRotationPolicySuffix = "/rotationPolicy";

constexpr int kVersionBytes = 16;

bool IsWord(absl::string_view id) {
  for (char c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-') return false;
  }
  return true;
}

bool IsVaultId(absl::string_view id) {
  return id.size() >= 3 && id.size() <= 24 && IsWord(id) &&
         absl::ascii_isalpha(static_cast<unsigned char>(id.front())) && id.back() != '-' &&
         !absl::StrContains(id, "--");
}

bool IsKeyId(absl::string_view id) { return !id.empty() && id.size() <= 127 && IsWord(id); }

bool IsVersionId(absl::string_view id) {
  if (id.size() != 2 * kVersionBytes) return false;
  for (char c : id) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c)) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

absl::Status Malformed(absl::string_view form) { return absl::InvalidArgumentError(form); }

}  // namespace

absl::StatusOr<VaultName> VaultName::Parse(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 || parts[0] != "vaults" || !IsVaultId(parts[1])) {
    return Malformed(kVaultForm);
  }
  return FromId(parts[1]);
}

absl::StatusOr<VaultName> VaultName::FromId(absl::string_view id) {
  if (!IsVaultId(id)) return Malformed(kVaultId);
  return VaultName(std::string(id));
}

std::string VaultName::folded() const { return absl::AsciiStrToLower(id_); }

std::string VaultName::ToString() const { return absl::StrCat("vaults/", id_); }

absl::StatusOr<KeyName> KeyName::Parse(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "vaults" || parts[2] != "keys" || !IsKeyId(parts[3])) {
    return Malformed(kKeyForm);
  }
  if (!IsVaultId(parts[1])) return Malformed(kVaultForm);
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(parts[1]));
  return FromId(std::move(vault), parts[3]);
}

absl::StatusOr<KeyName> KeyName::FromId(VaultName vault, absl::string_view id) {
  if (!IsKeyId(id)) return Malformed(kKeyId);
  return KeyName(std::move(vault), std::string(id));
}

std::string KeyName::folded() const { return absl::AsciiStrToLower(id_); }

std::string KeyName::ToString() const {
  return absl::StrCat("vaults/", vault_.id(), "/keys/", id_);
}

absl::StatusOr<KeyVersionName> KeyVersionName::Parse(absl::string_view name) {
  KW_ASSIGN_OR_RETURN(KeyReference reference, KeyReference::Parse(name));
  if (reference.version.empty()) return Malformed(kVersionForm);
  return FromId(std::move(reference.key), reference.version);
}

absl::StatusOr<KeyVersionName> KeyVersionName::FromId(KeyName key, absl::string_view id) {
  if (!IsVersionId(id)) return Malformed(kVersionId);
  return KeyVersionName(std::move(key), std::string(id));
}

KeyVersionName KeyVersionName::New(KeyName key) {
  return KeyVersionName(std::move(key), crypto::RandomHex(kVersionBytes));
}

std::string KeyVersionName::ToString() const {
  return absl::StrCat(key_.ToString(), "/versions/", id_);
}

absl::StatusOr<KeyReference> KeyReference::Parse(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  const bool with_version = parts.size() == 6 && parts[4] == "versions";
  if ((parts.size() != 4 && !with_version) || parts[0] != "vaults" || parts[2] != "keys") {
    return Malformed(kReferenceForm);
  }
  if (with_version && !IsVersionId(parts[5])) return Malformed(kVersionForm);
  if (!IsVaultId(parts[1])) return Malformed(kVaultForm);
  if (!IsKeyId(parts[3])) return Malformed(kKeyForm);
  KW_ASSIGN_OR_RETURN(VaultName vault, VaultName::FromId(parts[1]));
  KW_ASSIGN_OR_RETURN(KeyName key, KeyName::FromId(std::move(vault), parts[3]));
  return KeyReference{std::move(key), with_version ? std::string(parts[5]) : ""};
}

std::string KeyReference::ToString() const {
  return version.empty() ? key.ToString() : absl::StrCat(key.ToString(), "/versions/", version);
}

absl::StatusOr<RotationPolicyName> RotationPolicyName::Parse(absl::string_view name) {
  if (!absl::ConsumeSuffix(&name, kRotationPolicySuffix)) return Malformed(kRotationPolicyForm);
  KW_ASSIGN_OR_RETURN(KeyName key, KeyName::Parse(name));
  return RotationPolicyName(std::move(key));
}

std::string RotationPolicyName::ToString() const {
  return absl::StrCat(key_.ToString(), kRotationPolicySuffix);
}

absl::StatusOr<VaultName> VaultOf(absl::string_view resource) {
  if (absl::StrContains(resource, "/keys/")) {
    absl::ConsumeSuffix(&resource, kRotationPolicySuffix);
    KW_ASSIGN_OR_RETURN(KeyReference reference, KeyReference::Parse(resource));
    return reference.key.vault();
  }
  return VaultName::Parse(resource);
}

}  // namespace keyward::key_vault
