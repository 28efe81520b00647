#include "services/key_vault/encryption_handler.h"

#include <string>

namespace keyward::key_vault {

namespace v1 = keyvault::v1;

absl::StatusOr<v1::EncryptResponse> EncryptionHandler::Encrypt(const server::CallContext& call,
                                                               const v1::EncryptRequest& request) {
  return ciphers_.Encrypt<v1::EncryptResponse>(
      request, KeyOperation::kEncrypt, [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation);
      });
}

absl::StatusOr<v1::DecryptResponse> EncryptionHandler::Decrypt(const server::CallContext& call,
                                                               const v1::DecryptRequest& request) {
  return ciphers_.Decrypt<v1::DecryptResponse>(
      request, KeyOperation::kDecrypt, [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation);
      });
}

}  // namespace keyward::key_vault
