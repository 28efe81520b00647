#ifndef KEYWARD_SERVICES_KEY_VAULT_INSPECTION_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_INSPECTION_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/keys.pb.h"

namespace keyward::key_vault {

// KeyService.InspectKey, for the encryption service. Thread-safe.
class InspectionHandler {
 public:
  explicit InspectionHandler(storage::Database& database) : database_(database) {}

  absl::StatusOr<keyvault::v1::InspectKeyResponse> Inspect(
      const server::CallContext& call, const keyvault::v1::InspectKeyRequest& request);

 private:
  storage::Database& database_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_INSPECTION_HANDLER_H_
