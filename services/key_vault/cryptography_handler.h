#ifndef KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/auth/authorizer.h"
#include "common/server/call_context.h"
#include "keyward/keyvault/v1/cryptography.pb.h"
#include "services/key_vault/cipher_operations.h"
#include "services/key_vault/usable_keys.h"

namespace keyward::key_vault {

// The methods of CryptographyService about wrapped keys, for callers that are authorised for what
// the method's option asks for: KeyPermissionGate has seen to it before these run. Thread-safe; no
// lock is held during cryptography.
class CryptographyHandler {
 public:
  CryptographyHandler(UsableKeys& keys, CipherOperations& ciphers,
                      auth::KeyPermissionChecker& permissions)
      : keys_(keys), ciphers_(ciphers), permissions_(permissions) {}

  absl::StatusOr<keyvault::v1::WrapKeyResponse> Wrap(const server::CallContext& call,
                                                     const keyvault::v1::WrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::UnwrapKeyResponse> Unwrap(
      const server::CallContext& call, const keyvault::v1::UnwrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::RewrapKeyResponse> Rewrap(
      const server::CallContext& call, const keyvault::v1::RewrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::BatchWrapKeyResponse> BatchWrap(
      const server::CallContext& call, const keyvault::v1::BatchWrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::BatchUnwrapKeyResponse> BatchUnwrap(
      const server::CallContext& call, const keyvault::v1::BatchUnwrapKeyRequest& request);
  absl::StatusOr<keyvault::v1::BatchRewrapKeyResponse> BatchRewrap(
      const server::CallContext& call, const keyvault::v1::BatchRewrapKeyRequest& request);

 private:
  // RewrapKey's second permission: its option asks for unwrapKey alone.
  absl::Status CheckMayWrap(const server::CallContext& call, const std::string& resource);

  UsableKeys& keys_;
  CipherOperations& ciphers_;
  auth::KeyPermissionChecker& permissions_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_HANDLER_H_
