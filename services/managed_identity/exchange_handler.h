#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_HANDLER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_HANDLER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/foreign_token.h"
#include "common/clock/clock.h"
#include "common/server/call_context.h"
#include "keyward/identity/v1/tokens.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/federation.h"
#include "services/managed_identity/issuer_keys.h"
#include "services/managed_identity/token_minting.h"
#include "services/managed_identity/token_signer.h"

namespace keyward::managed_identity {

// What TokenService.ExchangeToken does; tokens.proto says it in full. Any authenticated caller may
// come here, so one whose subject token does not verify is told nothing of ours but whether its
// issuer is trusted (and the trusted one that differs by a slash at the end), and nobody is asked
// for keys but a trusted issuer. Thread-safe.
class ExchangeHandler {
 public:
  // Everything given must outlive this.
  ExchangeHandler(const Changes& changes, const TokenSigner& signer, IssuerKeys& keys,
                  const clock::Clock& clock)
      : changes_(changes), signer_(signer), keys_(keys), clock_(clock) {}

  absl::StatusOr<identity::v1::ExchangeTokenResponse> Exchange(
      const server::CallContext& call, const identity::v1::ExchangeTokenRequest& request) const;

 private:
  // What a token was exchanged for.
  struct Admission {
    // Empty for an operator.
    std::string credential;
    auth::TokenClaims claims;
  };

  absl::StatusOr<TrustedIssuer> FindIssuer(const auth::ForeignToken& token) const;
  absl::Status Verify(const auth::ForeignToken& token, const TrustedIssuer& issuer,
                      absl::Time deadline) const;
  // In one transaction with the deletion of credentials and issuers: a token is issued before and
  // remembered by the credential, or not at all.
  absl::StatusOr<Admission> Admit(Change& change, const std::optional<IdentityName>& name,
                                  const auth::ForeignToken& token, const TrustedIssuer& issuer,
                                  const TokenOrder& order) const;
  absl::StatusOr<Admission> AdmitWorkload(Change& change, const IdentityName& name,
                                          const auth::ForeignToken& token,
                                          const TokenOrder& order) const;
  absl::StatusOr<Admission> AdmitOperator(Change& change, const auth::ForeignToken& token,
                                          const TrustedIssuer& issuer,
                                          const TokenOrder& order) const;
  auth::TokenClaims Claims(const TokenBearer& bearer, const auth::ForeignToken& token,
                           const TokenOrder& order, absl::Time now) const;

  const Changes& changes_;
  const TokenSigner& signer_;
  IssuerKeys& keys_;
  const clock::Clock& clock_;
};

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_EXCHANGE_HANDLER_H_
