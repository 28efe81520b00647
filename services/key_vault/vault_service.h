#ifndef KEYWARD_SERVICES_KEY_VAULT_VAULT_SERVICE_H_
#define KEYWARD_SERVICES_KEY_VAULT_VAULT_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include "common/server/dispatcher.h"
#include "keyward/keyvault/v1/vaults.grpc.pb.h"
#include "services/key_vault/access_policies_handler.h"
#include "services/key_vault/purge_handler.h"
#include "services/key_vault/vaults_handler.h"

namespace keyward::key_vault {

// The gRPC adapter of VaultService. Thread-safe.
class VaultService final : public keyvault::v1::VaultService::CallbackService {
 public:
  VaultService(server::Dispatcher& dispatcher, VaultsHandler& vaults,
               AccessPoliciesHandler& policies, PurgeHandler& purge)
      : dispatcher_(dispatcher), vaults_(vaults), policies_(policies), purge_(purge) {}

  grpc::ServerUnaryReactor* CreateVault(grpc::CallbackServerContext* context,
                                        const keyvault::v1::CreateVaultRequest* request,
                                        keyvault::v1::Vault* response) override;
  grpc::ServerUnaryReactor* GetVault(grpc::CallbackServerContext* context,
                                     const keyvault::v1::GetVaultRequest* request,
                                     keyvault::v1::Vault* response) override;
  grpc::ServerUnaryReactor* ListVaults(grpc::CallbackServerContext* context,
                                       const keyvault::v1::ListVaultsRequest* request,
                                       keyvault::v1::ListVaultsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateVault(grpc::CallbackServerContext* context,
                                        const keyvault::v1::UpdateVaultRequest* request,
                                        keyvault::v1::Vault* response) override;
  grpc::ServerUnaryReactor* UpdateAccessPolicy(
      grpc::CallbackServerContext* context, const keyvault::v1::UpdateAccessPolicyRequest* request,
      keyvault::v1::UpdateAccessPolicyResponse* response) override;
  grpc::ServerUnaryReactor* DeleteVault(grpc::CallbackServerContext* context,
                                        const keyvault::v1::DeleteVaultRequest* request,
                                        keyvault::v1::DeleteVaultResponse* response) override;
  grpc::ServerUnaryReactor* RecoverVault(grpc::CallbackServerContext* context,
                                         const keyvault::v1::RecoverVaultRequest* request,
                                         keyvault::v1::Vault* response) override;
  grpc::ServerUnaryReactor* PurgeVault(grpc::CallbackServerContext* context,
                                       const keyvault::v1::PurgeVaultRequest* request,
                                       keyvault::v1::PurgeVaultResponse* response) override;

 private:
  server::Dispatcher& dispatcher_;
  VaultsHandler& vaults_;
  AccessPoliciesHandler& policies_;
  PurgeHandler& purge_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VAULT_SERVICE_H_
