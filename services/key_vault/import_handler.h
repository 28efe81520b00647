#ifndef KEYWARD_SERVICES_KEY_VAULT_IMPORT_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_IMPORT_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// The method of KeyService that takes over keys that were made elsewhere, for callers that are
// authorised. Thread-safe.
class ImportHandler {
 public:
  ImportHandler(Changes& changes, Publisher& publisher, KeyRing& key_ring)
      : changes_(changes), publisher_(publisher), key_ring_(key_ring) {}

  absl::StatusOr<keyvault::v1::Key> Import(const server::CallContext& call,
                                           const keyvault::v1::ImportKeyRequest& request);

 private:
  Changes& changes_;
  Publisher& publisher_;
  KeyRing& key_ring_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_IMPORT_HANDLER_H_
