#ifndef KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICIES_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICIES_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/server/call_context.h"
#include "common/storage/database.h"
#include "keyward/keyvault/v1/rotation.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// The methods of RotationService, for callers that are authorised. Thread-safe.
class RotationPoliciesHandler {
 public:
  RotationPoliciesHandler(storage::Database& database, Changes& changes, Publisher& publisher)
      : database_(database), changes_(changes), publisher_(publisher) {}

  absl::StatusOr<keyvault::v1::RotationPolicy> Get(
      const server::CallContext& call, const keyvault::v1::GetKeyRotationPolicyRequest& request);
  absl::StatusOr<keyvault::v1::RotationPolicy> Update(
      const server::CallContext& call, const keyvault::v1::UpdateKeyRotationPolicyRequest& request);

 private:
  storage::Database& database_;
  Changes& changes_;
  Publisher& publisher_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ROTATION_POLICIES_HANDLER_H_
