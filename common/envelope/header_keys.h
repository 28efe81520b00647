#ifndef KEYWARD_COMMON_ENVELOPE_HEADER_KEYS_H_
#define KEYWARD_COMMON_ENVELOPE_HEADER_KEYS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/crypto/aead.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/envelope/object_id.h"

namespace keyward::envelope {

// A wrapping key and its number, counted from 1. The key must be a crypto::AesGcmAead, whose
// sealed form the header has room for.
struct NumberedKey {
  uint64_t number;
  const crypto::Aead& key;
};

// The header of an object with these data keys: the inner one wrapped by the key of its scope, the
// outer one by the platform key. INVALID_ARGUMENT if the id or a number is outside its limits.
absl::StatusOr<ObjectHeader> SealDataKeys(const ObjectId& id, const DataKeys& keys,
                                          const NumberedKey& scope_key,
                                          const NumberedKey& platform_key);

// The data keys of a header, once the caller has found the two keys that it names.
// INVALID_ARGUMENT, with one text, if the header is of another object than `id`, was changed, or a
// key is another.
absl::StatusOr<DataKeys> OpenDataKeys(const ObjectHeader& header, const ObjectId& id,
                                      const crypto::Aead& scope_key,
                                      const crypto::Aead& platform_key);

// The same header with the outer data key wrapped by another platform key. It needs no scope key,
// so it works whatever the state of the account's access, and touches nothing but the header.
absl::StatusOr<ObjectHeader> RewrapOuterKey(const ObjectHeader& header,
                                            const crypto::Aead& old_platform_key,
                                            const NumberedKey& new_platform_key);

}  // namespace keyward::envelope

#endif  // KEYWARD_COMMON_ENVELOPE_HEADER_KEYS_H_
