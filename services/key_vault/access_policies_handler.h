#ifndef KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICIES_HANDLER_H_
#define KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICIES_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/auth/principal_directory.h"
#include "common/server/call_context.h"
#include "keyward/keyvault/v1/vaults.pb.h"
#include "services/key_vault/changes.h"
#include "services/key_vault/publisher.h"

namespace keyward::key_vault {

// Changes who may do what with the keys of a vault, for callers that are authorised. Thread-safe.
class AccessPoliciesHandler {
 public:
  AccessPoliciesHandler(Changes& changes, Publisher& publisher,
                        const auth::PrincipalDirectory& principals)
      : changes_(changes), publisher_(publisher), principals_(principals) {}

  absl::StatusOr<keyvault::v1::UpdateAccessPolicyResponse> Update(
      const server::CallContext& call, const keyvault::v1::UpdateAccessPolicyRequest& request);

 private:
  Changes& changes_;
  Publisher& publisher_;
  const auth::PrincipalDirectory& principals_;
};

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_ACCESS_POLICIES_HANDLER_H_
