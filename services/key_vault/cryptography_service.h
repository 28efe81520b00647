#ifndef KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/cryptography.grpc.pb.h"
#include "services/key_vault/cryptography_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of CryptographyService. Thread-safe.
class CryptographyService final : public keyvault::v1::CryptographyService::CallbackService {
 public:
  CryptographyService(server::Dispatcher& dispatcher, CryptographyHandler& cryptography)
      : dispatcher_(dispatcher), cryptography_(cryptography) {}

  grpc::ServerUnaryReactor* WrapKey(grpc::CallbackServerContext* context,
                                    const keyvault::v1::WrapKeyRequest* request,
                                    keyvault::v1::WrapKeyResponse* response) override;
  grpc::ServerUnaryReactor* UnwrapKey(grpc::CallbackServerContext* context,
                                      const keyvault::v1::UnwrapKeyRequest* request,
                                      keyvault::v1::UnwrapKeyResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  CryptographyHandler& cryptography_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_CRYPTOGRAPHY_SERVICE_H_
