#ifndef KEYWARD_SERVICES_KEY_VAULT_KEYS_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEYS_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// The methods of KeyService about keys as a whole, for callers that are authorised; those about
// versions are in key_versions_handler.h. Thread-safe.
class KeysHandler {
 public:
  KeysHandler(storage::Database& database, Changes& changes, Publisher& publisher,
              KeyRing& key_ring)
      : database_(database), changes_(changes), publisher_(publisher), key_ring_(key_ring) {}

  absl::StatusOr<keyvault::v1::Key> Create(const server::CallContext& call,
                                           const keyvault::v1::CreateKeyRequest& request);
  absl::StatusOr<keyvault::v1::Key> Get(const server::CallContext& call,
                                        const keyvault::v1::GetKeyRequest& request);
  absl::StatusOr<keyvault::v1::ListKeysResponse> List(const server::CallContext& call,
                                                      const keyvault::v1::ListKeysRequest& request);
  absl::StatusOr<keyvault::v1::Key> Rotate(const server::CallContext& call,
                                           const keyvault::v1::RotateKeyRequest& request);
  absl::StatusOr<keyvault::v1::DeleteKeyResponse> Delete(
      const server::CallContext& call, const keyvault::v1::DeleteKeyRequest& request);
  absl::StatusOr<keyvault::v1::Key> Recover(const server::CallContext& call,
                                            const keyvault::v1::RecoverKeyRequest& request);

 private:
  storage::Database& database_;
  Changes& changes_;
  Publisher& publisher_;
  KeyRing& key_ring_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEYS_HANDLER_H_
