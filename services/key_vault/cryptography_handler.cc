#include "services/key_vault/cryptography_handler.h"

#include "common/status/status_macros.h"
#include "services/key_vault/batch.h"
#include "services/key_vault/key_operations.h"
#include "services/key_vault/key_permissions.h"
#include "services/key_vault/rewrapping.h"

namespace keyward::key_vault {

namespace v1 = keyvault::v1;

absl::StatusOr<v1::WrapKeyResponse> CryptographyHandler::Wrap(const server::CallContext& call,
                                                              const v1::WrapKeyRequest& request) {
  return ciphers_.Encrypt<v1::WrapKeyResponse>(
      request, KeyOperation::kWrapKey, [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation);
      });
}

absl::StatusOr<v1::UnwrapKeyResponse> CryptographyHandler::Unwrap(
    const server::CallContext& call, const v1::UnwrapKeyRequest& request) {
  return ciphers_.Decrypt<v1::UnwrapKeyResponse>(
      request, KeyOperation::kUnwrapKey, [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation);
      });
}

absl::StatusOr<v1::RewrapKeyResponse> CryptographyHandler::Rewrap(
    const server::CallContext& call, const v1::RewrapKeyRequest& request) {
  KW_RETURN_IF_ERROR(CheckMayWrap(call, request.name()));
  return key_vault::Rewrap(
      ciphers_, request,
      [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation, "source_key_version");
      },
      [&](const std::string& name, KeyOperation operation) {
        return keys_.Find(call, name, operation);
      });
}

absl::StatusOr<v1::BatchWrapKeyResponse> CryptographyHandler::BatchWrap(
    const server::CallContext& call, const v1::BatchWrapKeyRequest& request) {
  BatchKeys keys(keys_, call);
  const auto find = [&](const std::string& name, KeyOperation operation) {
    return keys.Find(name, operation);
  };
  return RunBatch<v1::BatchWrapKeyResponse>(call, request, [&](const v1::WrapKeyRequest& item) {
    return ciphers_.Encrypt<v1::WrapKeyResponse>(item, KeyOperation::kWrapKey, find);
  });
}

absl::StatusOr<v1::BatchUnwrapKeyResponse> CryptographyHandler::BatchUnwrap(
    const server::CallContext& call, const v1::BatchUnwrapKeyRequest& request) {
  BatchKeys keys(keys_, call);
  const auto find = [&](const std::string& name, KeyOperation operation) {
    return keys.Find(name, operation);
  };
  return RunBatch<v1::BatchUnwrapKeyResponse>(call, request, [&](const v1::UnwrapKeyRequest& item) {
    return ciphers_.Decrypt<v1::UnwrapKeyResponse>(item, KeyOperation::kUnwrapKey, find);
  });
}

absl::StatusOr<v1::BatchRewrapKeyResponse> CryptographyHandler::BatchRewrap(
    const server::CallContext& call, const v1::BatchRewrapKeyRequest& request) {
  KW_RETURN_IF_ERROR(CheckMayWrap(call, request.parent()));
  BatchKeys keys(keys_, call);
  const auto find = [&](const std::string& name, KeyOperation operation) {
    return keys.Find(name, operation);
  };
  return RunBatch<v1::BatchRewrapKeyResponse>(call, request, [&](const v1::RewrapKeyRequest& item) {
    return key_vault::Rewrap(ciphers_, item, find, find);
  });
}

absl::Status CryptographyHandler::CheckMayWrap(const server::CallContext& call,
                                               const std::string& resource) {
  return permissions_.Check(call.caller, resource, ToString(KeyPermission::kWrapKey));
}

}  // namespace keyward::key_vault
