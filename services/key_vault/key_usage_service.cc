#include "services/key_vault/key_usage_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* KeyUsageService::RegisterKeyUsage(
    grpc::CallbackServerContext* context, const keyvault::v1::RegisterKeyUsageRequest* request,
    keyvault::v1::KeyUsage* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return usages_.Register(call, request); });
}

grpc::ServerUnaryReactor* KeyUsageService::ReleaseKeyUsage(
    grpc::CallbackServerContext* context, const keyvault::v1::ReleaseKeyUsageRequest* request,
    keyvault::v1::ReleaseKeyUsageResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return usages_.Release(call, request); });
}

grpc::ServerUnaryReactor* KeyUsageService::ListKeyUsages(
    grpc::CallbackServerContext* context, const keyvault::v1::ListKeyUsagesRequest* request,
    keyvault::v1::ListKeyUsagesResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return usages_.List(call, request); });
}

}  // namespace keyward::key_vault
