#include "services/key_vault/fields.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

constexpr int kMaxTags = 15;
constexpr size_t kMaxTagLength = 256;
constexpr size_t kMaxUserLength = 256;
constexpr size_t kMaxDescriptionLength = 256;

// The bounds of google.protobuf.Timestamp: the years 1 to 9999.
constexpr int64_t kMinSeconds = -62135596800;
constexpr int64_t kMaxSeconds = 253402300799;

// In characters, as the limits are told, not in bytes.
size_t Length(absl::string_view utf8) {
  size_t length = 0;
  for (char c : utf8) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++length;
  }
  return length;
}

bool IsDirectoryId(absl::string_view id) {
  if (id.size() < 3 || id.size() > 63 || !absl::ascii_islower(static_cast<unsigned char>(id[0]))) {
    return false;
  }
  for (char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_islower(byte) && !absl::ascii_isdigit(byte) && c != '-') return false;
  }
  return true;
}

std::string ReadDirectoryName(const std::string& field, absl::string_view collection,
                              absl::string_view placeholder, const std::string& name,
                              FieldErrors& errors) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, absl::StrCat(collection, "/")) || !IsDirectoryId(id)) {
    errors.Add(field, absl::StrCat("must be \"", collection, "/{", placeholder,
                                   "}\", with 3-63 of [0-9a-z-] that start with a letter"));
  }
  return name;
}

template <typename Name>
absl::StatusOr<Name> ReadName(const std::string& field, const std::string& name) {
  absl::StatusOr<Name> parsed = Name::Parse(name);
  if (!parsed.ok()) return InvalidField(field, parsed.status().message());
  return parsed;
}

}  // namespace

absl::StatusOr<VaultName> ReadVaultName(const std::string& field, const std::string& name) {
  return ReadName<VaultName>(field, name);
}

absl::StatusOr<KeyName> ReadKeyName(const std::string& field, const std::string& name) {
  return ReadName<KeyName>(field, name);
}

absl::StatusOr<KeyVersionName> ReadKeyVersionName(const std::string& field,
                                                  const std::string& name) {
  return ReadName<KeyVersionName>(field, name);
}

absl::StatusOr<KeyReference> ReadKeyReference(const std::string& field, const std::string& name) {
  return ReadName<KeyReference>(field, name);
}

Tags ReadTags(const std::string& field, const google::protobuf::Map<std::string, std::string>& tags,
              FieldErrors& errors) {
  if (tags.size() > kMaxTags) {
    errors.Add(field, absl::StrCat("has ", tags.size(), " tags; ", kMaxTags, " at most"));
  }
  for (const auto& [key, value] : tags) {
    if (key.empty() || Length(key) > kMaxTagLength || Length(value) > kMaxTagLength) {
      errors.Add(field, "must have keys of 1-256 characters and values of at most 256");
      break;
    }
  }
  return Tags(tags.begin(), tags.end());
}

std::string ReadSubscription(const std::string& field, const std::string& name,
                             FieldErrors& errors) {
  return ReadDirectoryName(field, "subscriptions", "subscription", name, errors);
}

std::string ReadTenant(const std::string& field, const std::string& name, FieldErrors& errors) {
  return ReadDirectoryName(field, "tenants", "tenant", name, errors);
}

std::string ReadUser(const std::string& field, const std::string& user, FieldErrors& errors) {
  constexpr absl::string_view kOthers = "/_.-";
  bool well_formed = !user.empty() && user.size() <= kMaxUserLength;
  for (char c : user) {
    well_formed = well_formed && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                                  absl::StrContains(kOthers, c));
  }
  if (!well_formed) {
    errors.Add(field,
               "must be the name of a resource, such as \"accounts/contoso\": 1-256 of "
               "[0-9A-Za-z/_.-]");
  }
  return user;
}

std::string ReadDescription(const std::string& field, const std::string& description,
                            FieldErrors& errors) {
  if (Length(description) > kMaxDescriptionLength) {
    errors.Add(field, "must have at most 256 characters");
  }
  return description;
}

std::string ReadRegion(const std::string& field, const std::string& region, FieldErrors& errors) {
  bool well_formed = region.size() >= 2 && region.size() <= 32;
  for (char c : region) {
    const auto byte = static_cast<unsigned char>(c);
    well_formed = well_formed && (absl::ascii_islower(byte) || absl::ascii_isdigit(byte));
  }
  if (!well_formed) errors.Add(field, "must be a region such as \"westeurope\": 2-32 of [0-9a-z]");
  return region;
}

int ReadRetentionDays(const std::string& field, int days, FieldErrors& errors) {
  if (days == 0) return kMaxRetentionDays;
  if (days < kMinRetentionDays || days > kMaxRetentionDays) {
    errors.Add(field, absl::StrCat("is ", days, "; 7-90 are possible, and 0 means 90"));
  }
  return days;
}

v1::Sku ReadSku(const std::string& field, v1::Sku sku, FieldErrors& errors) {
  if (!v1::Sku_IsValid(sku)) errors.Add(field, "must be SKU_STANDARD or SKU_PREMIUM");
  return sku == v1::SKU_UNSPECIFIED ? v1::SKU_STANDARD : sku;
}

AccessPolicy::Entries ReadPolicyEntries(
    const std::string& field,
    const google::protobuf::RepeatedPtrField<v1::AccessPolicyEntry>& entries, FieldErrors& errors) {
  AccessPolicy::Entries result;
  for (int i = 0; i < entries.size(); ++i) {
    const v1::AccessPolicyEntry& entry = entries[i];
    const std::string path = absl::StrCat(field, "[", i, "]");
    if (!IsPolicyPrincipal(entry.principal())) {
      errors.Add(absl::StrCat(path, ".principal"),
                 "must be the principal id of an identity (a UUID in lower case) or an operator's "
                 "SPIFFE ID, such as \"spiffe://keyward.local/operator/alice\"");
    }
    KeyPermissions permissions;
    for (int j = 0; j < entry.key_permissions_size(); ++j) {
      const auto named = ParseKeyPermissions(entry.key_permissions(j));
      if (named.has_value()) {
        permissions = permissions | *named;
      } else {
        errors.Add(absl::StrCat(path, ".key_permissions[", j, "]"),
                   absl::StrCat("must be one of ", absl::StrJoin(Names(KeyPermissions::All()), " "),
                                ", or \"all\""));
      }
    }
    if (entry.key_permissions().empty()) {
      errors.Add(
          absl::StrCat(path, ".key_permissions"),
          "must name at least one permission; \"all\" stands for all of them: with KIND_REMOVE it "
          "removes the principal");
    }
    if (!result.emplace(entry.principal(), permissions).second) {
      errors.Add(absl::StrCat(path, ".principal"), "appears in an earlier entry too");
    }
  }
  return result;
}

KeyOperations ReadKeyOperations(const std::string& field,
                                const google::protobuf::RepeatedPtrField<std::string>& names,
                                KeyOperations possible, FieldErrors& errors) {
  KeyOperations operations;
  for (int i = 0; i < names.size(); ++i) {
    const std::optional<KeyOperation> operation = ParseKeyOperation(names[i]);
    if (operation.has_value() && possible.Contains(*operation)) {
      operations.Insert(*operation);
    } else {
      errors.Add(absl::StrCat(field, "[", i, "]"),
                 absl::StrCat("must be something that such a key can do: ",
                              absl::StrJoin(Names(possible), " ")));
    }
  }
  return operations;
}

absl::Time ReadTime(const std::string& field, const google::protobuf::Timestamp& time,
                    FieldErrors& errors) {
  if (time.seconds() < kMinSeconds || time.seconds() > kMaxSeconds || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    errors.Add(field, "must be a moment in the years 1 to 9999");
    return absl::UnixEpoch();
  }
  // To the microsecond, as it is stored.
  return absl::FromUnixMicros(time.seconds() * 1'000'000 + time.nanos() / 1'000);
}

void CheckWindow(const std::string& expire_time_field, std::optional<absl::Time> not_before,
                 std::optional<absl::Time> expire_time, FieldErrors& errors) {
  if (not_before.has_value() && expire_time.has_value() && *expire_time <= *not_before) {
    errors.Add(expire_time_field, "must come after not_before");
  }
}

}  // namespace keyward::key_vault
