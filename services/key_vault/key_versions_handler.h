#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_VERSIONS_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_VERSIONS_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/lookup.h"
#include "services/key_vault/names.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// The methods of KeyService about versions, for callers that are authorised. Thread-safe.
class KeyVersionsHandler {
 public:
  KeyVersionsHandler(storage::Database& database, Changes& changes, Publisher& publisher,
                     KeyRing& key_ring)
      : database_(database), changes_(changes), publisher_(publisher), key_ring_(key_ring) {}

  absl::StatusOr<keyvault::v1::KeyVersion> Get(const server::CallContext& call,
                                               const keyvault::v1::GetKeyVersionRequest& request);
  absl::StatusOr<keyvault::v1::ListKeyVersionsResponse> List(
      const server::CallContext& call, const keyvault::v1::ListKeyVersionsRequest& request);
  absl::StatusOr<keyvault::v1::UpdateKeyVersionResponse> Update(
      const server::CallContext& call, const keyvault::v1::UpdateKeyVersionRequest& request);
  absl::StatusOr<keyvault::v1::DisableKeyResponse> Disable(
      const server::CallContext& call, const keyvault::v1::DisableKeyRequest& request);
  absl::StatusOr<keyvault::v1::Key> Enable(const server::CallContext& call,
                                           const keyvault::v1::EnableKeyRequest& request);

 private:
  // Enables or disables a key's version, or all of them, with the event of it; nothing happens if
  // they are so already.
  absl::Status SetEnabled(storage::Transaction& tx, const server::CallContext& call,
                          const KeyReference& reference, const KeyInVault& found, bool enabled,
                          absl::Time now);

  storage::Database& database_;
  Changes& changes_;
  Publisher& publisher_;
  KeyRing& key_ring_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_VERSIONS_HANDLER_H_
