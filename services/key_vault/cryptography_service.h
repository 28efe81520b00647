#ifndef KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "services/key_vault/cryptography_handler.h"
#include "services/key_vault/encryption_handler.h"
#include "services/key_vault/random_handler.h"
#include "services/key_vault/signature_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of CryptographyService. Thread-safe.
class CryptographyService final : public keyvault::v1::CryptographyService::CallbackService {
 public:
  CryptographyService(server::Dispatcher& dispatcher, EncryptionHandler& encryption,
                      CryptographyHandler& wrapping, SignatureHandler& signatures,
                      RandomHandler& random)
      : dispatcher_(dispatcher),
        encryption_(encryption),
        wrapping_(wrapping),
        signatures_(signatures),
        random_(random) {}

  grpc::ServerUnaryReactor* Encrypt(grpc::CallbackServerContext* context,
                                    const keyvault::v1::EncryptRequest* request,
                                    keyvault::v1::EncryptResponse* response) override;
  grpc::ServerUnaryReactor* Decrypt(grpc::CallbackServerContext* context,
                                    const keyvault::v1::DecryptRequest* request,
                                    keyvault::v1::DecryptResponse* response) override;
  grpc::ServerUnaryReactor* WrapKey(grpc::CallbackServerContext* context,
                                    const keyvault::v1::WrapKeyRequest* request,
                                    keyvault::v1::WrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* UnwrapKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::UnwrapKeyRequest* request,
                                      keyvault::v1::UnwrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* RewrapKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::RewrapKeyRequest* request,
                                      keyvault::v1::RewrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* Sign(grpc::CallbackServerContext* context,
                                 const keyvault::v1::SignRequest* request,
                                 keyvault::v1::SignResponse* response) override;
  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context,
                                   const keyvault::v1::VerifyRequest* request,
                                   keyvault::v1::VerifyResponse* response) override;
  grpc::ServerUnaryReactor* GenerateRandomBytes(
      grpc::CallbackServerContext* context, const keyvault::v1::GenerateRandomBytesRequest* request,
      keyvault::v1::GenerateRandomBytesResponse* response) override;
  grpc::ServerUnaryReactor* BatchWrapKey(grpc::CallbackServerContext* context,
                                         const keyvault::v1::BatchWrapKeyRequest* request,
                                         keyvault::v1::BatchWrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* BatchUnwrapKey(grpc::CallbackServerContext* context,
                                           const keyvault::v1::BatchUnwrapKeyRequest* request,
                                           keyvault::v1::BatchUnwrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* BatchRewrapKey(grpc::CallbackServerContext* context,
                                           const keyvault::v1::BatchRewrapKeyRequest* request,
                                           keyvault::v1::BatchRewrapKeyResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  EncryptionHandler& encryption_;
  CryptographyHandler& wrapping_;
  SignatureHandler& signatures_;
  RandomHandler& random_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_
