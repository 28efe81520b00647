#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_HANDLER_H_

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/tokens.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {

// What the methods of TokenService do; tokens.proto says it in full. Callers are authorised
// already. Thread-safe.
class TokenHandler {
 public:
  TokenHandler(const Changes& changes, const TokenSigner& signer, const clock::Clock& clock)
      : changes_(changes), signer_(signer), clock_(clock) {}

  absl::StatusOr<identity::v1::IssueTokenResponse> Issue(
      const server::CallContext& call, const identity::v1::IssueTokenRequest& request) const;
  absl::StatusOr<identity::v1::GetSigningKeysResponse> GetSigningKeys() const;

 private:
  const Changes& changes_;
  const TokenSigner& signer_;
  const clock::Clock& clock_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_TOKEN_HANDLER_H_
