#include "services/key_vault/version_attributes.h"

#include "absl/strings/str_cat.h"
#include "services/key_vault/fields.h"

namespace keyward::key_vault {
namespace {

namespace v1 = keyvault::v1;

std::optional<absl::Time> ReadNotBefore(const std::string& field, const v1::KeyVersion& given,
                                        FieldErrors& errors) {
  if (!given.has_not_before()) return std::nullopt;
  return ReadTime(absl::StrCat(field, ".not_before"), given.not_before(), errors);
}

std::optional<absl::Time> ReadExpireTime(const std::string& field, const v1::KeyVersion& given,
                                         FieldErrors& errors) {
  if (!given.has_expire_time()) return std::nullopt;
  return ReadTime(absl::StrCat(field, ".expire_time"), given.expire_time(), errors);
}

}  // namespace

VersionAttributes ReadVersionAttributes(const std::string& field, const v1::KeyVersion& given,
                                        KeyOperations possible, FieldErrors& errors) {
  VersionAttributes attributes;
  attributes.operations =
      given.key_ops().empty()
          ? possible
          : ReadKeyOperations(absl::StrCat(field, ".key_ops"), given.key_ops(), possible, errors);
  attributes.not_before = ReadNotBefore(field, given, errors);
  attributes.expire_time = ReadExpireTime(field, given, errors);
  attributes.tags = ReadTags(absl::StrCat(field, ".tags"), given.tags(), errors);
  CheckWindow(absl::StrCat(field, ".expire_time"), attributes.not_before, attributes.expire_time,
              errors);
  return attributes;
}

void UpdateAttributes(const std::string& field, const v1::KeyVersion& given,
                      const google::protobuf::FieldMask& mask, v1::KeyType type,
                      KeyVersion& version, FieldErrors& errors) {
  if (mask.paths().empty()) errors.Add("update_mask", "must name what to change");
  for (const std::string& path : mask.paths()) {
    if (path == "key_ops") {
      const std::string key_ops = absl::StrCat(field, ".key_ops");
      version.operations = ReadKeyOperations(key_ops, given.key_ops(),
                                             OperationsOf(type, version.public_only), errors);
      if (given.key_ops().empty()) {
        errors.Add(key_ops, "must name at least one operation; DisableKey blocks all of them");
      }
    } else if (path == "not_before") {
      version.not_before = ReadNotBefore(field, given, errors);
    } else if (path == "expire_time") {
      version.expire_time = ReadExpireTime(field, given, errors);
    } else if (path == "tags") {
      version.tags = ReadTags(absl::StrCat(field, ".tags"), given.tags(), errors);
    } else {
      errors.Add("update_mask",
                 absl::StrCat("has the path '", path,
                              "'; only key_ops, not_before, expire_time and tags can be changed"));
    }
  }
  CheckWindow(absl::StrCat(field, ".expire_time"), version.not_before, version.expire_time, errors);
}

}  // namespace keyward::key_vault
