#ifndef KEYWARD_SERVICES_KEY_VAULT_KEY_USAGES_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_KEY_USAGES_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/key_usage.pb.h"

namespace keyward::key_vault {

// The methods of KeyUsageService, for callers that are authorised. Whoever takes a key away reads
// the usages in the transaction that does it (usage_check.h), so that none slips in between.
// Thread-safe.
class KeyUsagesHandler {
 public:
  KeyUsagesHandler(storage::Database& database, const clock::Clock& clock)
      : database_(database), clock_(clock) {}

  absl::StatusOr<keyvault::v1::KeyUsage> Register(
      const server::CallContext& call, const keyvault::v1::RegisterKeyUsageRequest& request);
  absl::StatusOr<keyvault::v1::ReleaseKeyUsageResponse> Release(
      const server::CallContext& call, const keyvault::v1::ReleaseKeyUsageRequest& request);
  absl::StatusOr<keyvault::v1::ListKeyUsagesResponse> List(
      const server::CallContext& call, const keyvault::v1::ListKeyUsagesRequest& request);

 private:
  storage::Database& database_;
  const clock::Clock& clock_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_KEY_USAGES_HANDLER_H_
