#ifndef KEYWARD_SERVICES_KEY_VAULT_ENCRYPTION_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_ENCRYPTION_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "services/key_vault/cipher_operations.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// The methods of CryptographyService about data, for callers that are authorised. Thread-safe; no
// lock is held during cryptography.
class EncryptionHandler {
 public:
  EncryptionHandler(UsableKeys& keys, CipherOperations& ciphers) : keys_(keys), ciphers_(ciphers) {}

  absl::StatusOr<keyvault::v1::EncryptResponse> Encrypt(
      const server::CallContext& call, const keyvault::v1::EncryptRequest& request);
  absl::StatusOr<keyvault::v1::DecryptResponse> Decrypt(
      const server::CallContext& call, const keyvault::v1::DecryptRequest& request);

 private:
  UsableKeys& keys_;
  CipherOperations& ciphers_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ENCRYPTION_HANDLER_H_
