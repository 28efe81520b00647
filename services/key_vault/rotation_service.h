#ifndef KEYWARD_SERVICES_KEY_VAULT_ROTATION_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROTATION_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/rotation.grpc.pb.h"
#include "services/key_vault/rotation_policies_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of RotationService. Thread-safe.
class RotationService final : public keyvault::v1::RotationService::CallbackService {
 public:
  RotationService(server::Dispatcher& dispatcher, RotationPoliciesHandler& policies)
      : dispatcher_(dispatcher), policies_(policies) {}

  grpc::ServerUnaryReactor* GetKeyRotationPolicy(
      grpc::CallbackServerContext* context,
      const keyvault::v1::GetKeyRotationPolicyRequest* request,
      keyvault::v1::RotationPolicy* response) override;
  grpc::ServerUnaryReactor* UpdateKeyRotationPolicy(
      grpc::CallbackServerContext* context,
      const keyvault::v1::UpdateKeyRotationPolicyRequest* request,
      keyvault::v1::RotationPolicy* response) override;

 private:
  server::Dispatcher& dispatcher_;
  RotationPoliciesHandler& policies_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROTATION_SERVICE_H_
