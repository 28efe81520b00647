#ifndef KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "services/key_vault/key_material.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/names.h"

namespace keyward::key_vault {

// The methods of CryptographyService. Each call is authorised by KeyPermissionGate, which asks the
// vault's access policy, before any of this runs. Whether the key may be used
// is read from the database each time, so that what was taken away before a call began is refused,
// also if another replica took it away. Thread-safe; no lock is held during cryptography.
class CryptographyHandler {
 public:
  CryptographyHandler(storage::Database& database, const clock::Clock& clock, KeyRing& key_ring)
      : database_(database), clock_(clock), key_ring_(key_ring) {}

  absl::StatusOr<keyvault::v1::WrapKeyResponse> Wrap(const server::CallContext& call,
                                                     const keyvault::v1::WrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::UnwrapKeyResponse> Unwrap(
      const server::CallContext& call, const keyvault::v1::UnwrapKeyRequest& request);

 private:
  // A key that may be used for an operation now.
  struct UsableKey {
    KeyVersionName version;
    std::shared_ptr<const KeyMaterial> key;
  };

  absl::StatusOr<UsableKey> FindUsableKey(const server::CallContext& call, const std::string& name,
                                          KeyOperation operation);

  storage::Database& database_;
  const clock::Clock& clock_;
  KeyRing& key_ring_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_
