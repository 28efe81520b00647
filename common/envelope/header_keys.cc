#include "common/envelope/header_keys.h"

#include <utility>

#include "absl/status/status.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/status_macros.h"

namespace keyward::envelope {
namespace {

absl::Status NotAuthentic() {
  return absl::InvalidArgumentError(
      "the header does not open: it was changed, or belongs to another object or other keys");
}

absl::StatusOr<crypto::AesKey> OpenKey(const crypto::Aead& key, absl::string_view wrapped,
                                       absl::string_view context) {
  auto opened = key.Open(wrapped, context);
  if (!opened.ok()) return NotAuthentic();
  return crypto::AesKey::Create(*std::move(opened));
}

}  // namespace

absl::StatusOr<ObjectHeader> SealDataKeys(const ObjectId& id, const DataKeys& keys,
                                          const NumberedKey& scope_key,
                                          const NumberedKey& platform_key) {
  KW_RETURN_IF_ERROR(CheckObjectId(id));
  ObjectHeader::Fields fields;
  fields.id = id;
  fields.scope_key_generation = scope_key.number;
  KW_ASSIGN_OR_RETURN(
      fields.wrapped_inner_key,
      scope_key.key.Seal(keys.inner.bytes().ExposeSecret(), ObjectHeader::InnerKeyContext(fields)));
  fields.platform_key_version = platform_key.number;
  KW_ASSIGN_OR_RETURN(fields.wrapped_outer_key,
                      platform_key.key.Seal(keys.outer.bytes().ExposeSecret(),
                                            ObjectHeader::OuterKeyContext(fields)));
  return ObjectHeader::Create(std::move(fields));
}

absl::StatusOr<DataKeys> OpenDataKeys(const ObjectHeader& header, const ObjectId& id,
                                      const crypto::Aead& scope_key,
                                      const crypto::Aead& platform_key) {
  if (header.id() != id) return NotAuthentic();
  KW_ASSIGN_OR_RETURN(auto outer,
                      OpenKey(platform_key, header.wrapped_outer_key(), header.OuterKeyContext()));
  KW_ASSIGN_OR_RETURN(auto inner,
                      OpenKey(scope_key, header.wrapped_inner_key(), header.InnerKeyContext()));
  return DataKeys{std::move(inner), std::move(outer)};
}

absl::StatusOr<ObjectHeader> RewrapOuterKey(const ObjectHeader& header,
                                            const crypto::Aead& old_platform_key,
                                            const NumberedKey& new_platform_key) {
  KW_ASSIGN_OR_RETURN(
      auto outer, OpenKey(old_platform_key, header.wrapped_outer_key(), header.OuterKeyContext()));
  ObjectHeader::Fields fields;
  fields.id = header.id();
  fields.scope_key_generation = header.scope_key_generation();
  fields.wrapped_inner_key = header.wrapped_inner_key();
  fields.platform_key_version = new_platform_key.number;
  KW_ASSIGN_OR_RETURN(fields.wrapped_outer_key,
                      new_platform_key.key.Seal(outer.bytes().ExposeSecret(),
                                                ObjectHeader::OuterKeyContext(fields)));
  return ObjectHeader::Create(std::move(fields));
}

}  // namespace keyward::envelope
