#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/key_usage.grpc.pb.h"
#include "services/key_vault/key_usages_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of KeyUsageService. Thread-safe.
class KeyUsageService final : public keyvault::v1::KeyUsageService::CallbackService {
 public:
  KeyUsageService(server::Dispatcher& dispatcher, KeyUsagesHandler& usages)
      : dispatcher_(dispatcher), usages_(usages) {}

  grpc::ServerUnaryReactor* RegisterKeyUsage(grpc::CallbackServerContext* context,
                                             const keyvault::v1::RegisterKeyUsageRequest* request,
                                             keyvault::v1::KeyUsage* response) override;
  grpc::ServerUnaryReactor* ReleaseKeyUsage(
      grpc::CallbackServerContext* context, const keyvault::v1::ReleaseKeyUsageRequest* request,
      keyvault::v1::ReleaseKeyUsageResponse* response) override;
  grpc::ServerUnaryReactor* ListKeyUsages(grpc::CallbackServerContext* context,
                                          const keyvault::v1::ListKeyUsagesRequest* request,
                                          keyvault::v1::ListKeyUsagesResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  KeyUsagesHandler& usages_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_USAGE_SERVICE_H_
