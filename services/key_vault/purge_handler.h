#ifndef KEYWARD_SERVICES_KEY_VAULT_PURGE_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_PURGE_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/keys.pb.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/key_usage.h"
#include "services/key_vault/purges.h"

namespace keyward::key_vault {

// KeyService.PurgeKey and VaultService.PurgeVault, for callers that are authorised. What was purged
// is scrubbed from the database's files before the call returns, or by Purger in its next round if
// a reader is in the way. Thread-safe.
class PurgeHandler {
 public:
  PurgeHandler(storage::Database& database, const clock::Clock& clock, Changes& changes,
               Purges& purges)
      : database_(database), clock_(clock), changes_(changes), purges_(purges) {}

  absl::StatusOr<keyvault::v1::PurgeKeyResponse> PurgeKey(
      const server::CallContext& call, const keyvault::v1::PurgeKeyRequest& request);
  absl::StatusOr<keyvault::v1::PurgeVaultResponse> PurgeVault(
      const server::CallContext& call, const keyvault::v1::PurgeVaultRequest& request);

 private:
  // Whether this very request was answered before; its error if it cannot be.
  absl::StatusOr<bool> IsAnswered(const server::CallContext& call,
                                  const keyvault::v1::PurgeVaultRequest& request);
  // Marks the vault, unless it is so already, and empties it. `answer` is what it will be.
  absl::Status BeginAndEmpty(const server::CallContext& call,
                             const keyvault::v1::PurgeVaultRequest& request, const VaultName& name,
                             keyvault::v1::PurgeVaultResponse& answer);
  void Scrub();

  storage::Database& database_;
  const clock::Clock& clock_;
  Changes& changes_;
  Purges& purges_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_PURGE_HANDLER_H_
