#include "services/key_vault/vault_service.h"

namespace keyward::key_vault {

grpc::ServerUnaryReactor* VaultService::CreateVault(grpc::CallbackServerContext* context,
                                                    const keyvault::v1::CreateVaultRequest* request,
                                                    keyvault::v1::Vault* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.Create(call, request); });
}

grpc::ServerUnaryReactor* VaultService::GetVault(grpc::CallbackServerContext* context,
                                                 const keyvault::v1::GetVaultRequest* request,
                                                 keyvault::v1::Vault* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.Get(call, request); });
}

grpc::ServerUnaryReactor* VaultService::ListVaults(grpc::CallbackServerContext* context,
                                                   const keyvault::v1::ListVaultsRequest* request,
                                                   keyvault::v1::ListVaultsResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.List(call, request); });
}

grpc::ServerUnaryReactor* VaultService::UpdateVault(grpc::CallbackServerContext* context,
                                                    const keyvault::v1::UpdateVaultRequest* request,
                                                    keyvault::v1::Vault* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.Update(call, request); });
}

grpc::ServerUnaryReactor* VaultService::UpdateAccessPolicy(
    grpc::CallbackServerContext* context, const keyvault::v1::UpdateAccessPolicyRequest* request,
    keyvault::v1::UpdateAccessPolicyResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return policies_.Update(call, request); });
}

grpc::ServerUnaryReactor* VaultService::DeleteVault(grpc::CallbackServerContext* context,
                                                    const keyvault::v1::DeleteVaultRequest* request,
                                                    keyvault::v1::DeleteVaultResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.Delete(call, request); });
}

grpc::ServerUnaryReactor* VaultService::RecoverVault(
    grpc::CallbackServerContext* context, const keyvault::v1::RecoverVaultRequest* request,
    keyvault::v1::Vault* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return vaults_.Recover(call, request); });
}

grpc::ServerUnaryReactor* VaultService::PurgeVault(grpc::CallbackServerContext* context,
                                                   const keyvault::v1::PurgeVaultRequest* request,
                                                   keyvault::v1::PurgeVaultResponse* response) {
  return dispatcher_.Unary(
      context, request, response,
      [this](const auto& call, const auto& request) { return purge_.PurgeVault(call, request); });
}

}  // namespace keyward::key_vault
