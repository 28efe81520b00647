#ifndef KEYWARD_SERVICES_KEY_VAULT_VAULTS_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_VAULTS_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/auth/principal_directory.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_ring.h"
#include "services/key_vault/publisher.h"
#include "services/key_vault/vault.h"

namespace keyward::key_vault {

// The methods of VaultService except UpdateAccessPolicy (access_policies_handler.h) and PurgeVault
// (purge_handler.h), for callers that are authorised. Thread-safe.
class VaultsHandler {
 public:
  VaultsHandler(storage::Database& database, Changes& changes, Publisher& publisher,
                KeyRing& key_ring, const auth::PrincipalDirectory& principals)
      : database_(database),
        changes_(changes),
        publisher_(publisher),
        key_ring_(key_ring),
        principals_(principals) {}

  absl::StatusOr<keyvault::v1::Vault> Create(const server::CallContext& call,
                                             const keyvault::v1::CreateVaultRequest& request);
  absl::StatusOr<keyvault::v1::Vault> Get(const server::CallContext& call,
                                          const keyvault::v1::GetVaultRequest& request);
  absl::StatusOr<keyvault::v1::ListVaultsResponse> List(
      const server::CallContext& call, const keyvault::v1::ListVaultsRequest& request);
  absl::StatusOr<keyvault::v1::Vault> Update(const server::CallContext& call,
                                             const keyvault::v1::UpdateVaultRequest& request);
  absl::StatusOr<keyvault::v1::DeleteVaultResponse> Delete(
      const server::CallContext& call, const keyvault::v1::DeleteVaultRequest& request);
  absl::StatusOr<keyvault::v1::Vault> Recover(const server::CallContext& call,
                                              const keyvault::v1::RecoverVaultRequest& request);

 private:
  // The vault as callers see it.
  absl::StatusOr<keyvault::v1::Vault> Show(storage::Transaction& tx, const Vault& vault) const;

  storage::Database& database_;
  Changes& changes_;
  Publisher& publisher_;
  KeyRing& key_ring_;
  const auth::PrincipalDirectory& principals_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_VAULTS_HANDLER_H_
