#include "services/encryption/object_keys.h"

#include <cstdint>

#include "common/envelope/header_keys.h"
#include "common/status/status_macros.h"
#include "services/encryption/errors.h"

namespace keyward::encryption {

absl::StatusOr<envelope::ObjectHeader> ObjectKeys::Seal(const OpenAccount& open,
                                                        const envelope::ObjectId& id,
                                                        const envelope::DataKeys& keys) {
  KW_ASSIGN_OR_RETURN(const ScopeKey scope_key, scope_keys_.ForSealing(open, id.scope));
  return envelope::SealDataKeys(
      id, keys, {static_cast<uint64_t>(scope_key.generation), *scope_key.aead},
      {static_cast<uint64_t>(platform_keys_.current_version()), platform_keys_.current()});
}

absl::StatusOr<envelope::DataKeys> ObjectKeys::Open(const OpenAccount& open,
                                                    const envelope::ObjectId& id,
                                                    const envelope::ObjectHeader& header) {
  const crypto::AesGcmAead* platform_key =
      platform_keys_.Find(static_cast<int64_t>(header.platform_key_version()));
  if (header.id() != id || platform_key == nullptr) return CiphertextInvalid();
  KW_ASSIGN_OR_RETURN(
      const auto scope_key,
      scope_keys_.ForOpening(open, id.scope, static_cast<int64_t>(header.scope_key_generation())));
  absl::StatusOr<envelope::DataKeys> keys =
      envelope::OpenDataKeys(header, id, *scope_key, *platform_key);
  if (!keys.ok()) return CiphertextInvalid();
  return keys;
}

}  // namespace keyward::encryption
