#ifndef KEYWARD_SERVICES_ENCRYPTION_OBJECT_KEYS_H_
#define KEYWARD_SERVICES_ENCRYPTION_OBJECT_KEYS_H_

#include "absl/status/statusor.h"
#include "common/envelope/data_keys.h"
#include "common/envelope/object_header.h"
#include "common/envelope/object_id.h"
#include "services/encryption/key_gate.h"
#include "services/encryption/platform_keys.h"
#include "services/encryption/scope_keys.h"

namespace keyward::encryption {

// Wraps and opens the data keys of objects. For use inside KeyGate::Run. Thread-safe.
class ObjectKeys {
 public:
  // Both must outlive this.
  ObjectKeys(ScopeKeys& scope_keys, const PlatformKeys& platform_keys)
      : scope_keys_(scope_keys), platform_keys_(platform_keys) {}

  // The header of a new object: its data keys under the account's keys.
  absl::StatusOr<envelope::ObjectHeader> Seal(const OpenAccount& open, const envelope::ObjectId& id,
                                              const envelope::DataKeys& keys);

  // The data keys of the object that the caller wants. SCOPE_DESTROYED; CIPHERTEXT_INVALID if the
  // header is not authentic or that of another object.
  absl::StatusOr<envelope::DataKeys> Open(const OpenAccount& open, const envelope::ObjectId& id,
                                          const envelope::ObjectHeader& header);

 private:
  ScopeKeys& scope_keys_;
  const PlatformKeys& platform_keys_;
};

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_OBJECT_KEYS_H_
