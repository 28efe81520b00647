#include "services/key_vault/rotation_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* RotationService::GetKeyRotationPolicy(
    grpc::CallbackServerContext* context, const keyvault::v1::GetKeyRotationPolicyRequest* request,
    keyvault::v1::RotationPolicy* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return policies_.Get(call, request); });
}

grpc::ServerUnaryReactor* RotationService::UpdateKeyRotationPolicy(
    grpc::CallbackServerContext* context,
    const keyvault::v1::UpdateKeyRotationPolicyRequest* request,
    keyvault::v1::RotationPolicy* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return policies_.Update(call, request); });
}

}  // namespace keyward::key_vault
