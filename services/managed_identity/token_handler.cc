#include "services/managed_identity/token_handler.h"

#include <optional>
#include <string>
#include <vector>

#include "common/auth/caller.h"
#include "common/auth/token.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/attachment_change.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/signing_key.h"
#include "services/managed_identity/signing_key_store.h"
#include "services/managed_identity/token_minting.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::string_view kForServices = "key_vault";

absl::StatusOr<Identity> RequireEnabled(storage::Transaction& tx, const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity, FindIdentity(tx, name));
  if (!identity.has_value()) return IdentityNotFound(name);
  if (identity->state == IdentityState::kDeleted) return IdentityDeleted(name);
  if (!identity->enabled()) return IdentityDisabled(name, identity->state_reason);
  return *std::move(identity);
}

// A service takes keys out of vaults for an account, as the identity that the account acts as, and
// has no other business with identities.
absl::Status CheckService(const server::CallContext& call,
                          const identity::v1::IssueTokenRequest& request) {
  if (call.caller.kind != auth::Caller::Kind::kService) return absl::OkStatus();
  if (request.audience() != kForServices) {
    return InvalidField("audience", "must be \"key_vault\" where a service asks");
  }
  if (!IsAccount(request.resource())) {
    return InvalidField("resource", "must be the account for which a service asks");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<identity::v1::IssueTokenResponse> TokenHandler::Issue(
    const server::CallContext& call, const identity::v1::IssueTokenRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName name, IdentityName::Parse(request.identity(), "identity"));
  KW_ASSIGN_OR_RETURN(const TokenOrder order,
                      TokenOrder::Parse(request.audience(),
                                        request.has_lifetime() ? &request.lifetime() : nullptr));
  KW_RETURN_IF_ERROR(CheckService(call, request));
  KW_ASSIGN_OR_RETURN(
      const Identity identity,
      changes_.ReadFor<Identity>(call, [&](storage::Transaction& tx) -> absl::StatusOr<Identity> {
        KW_ASSIGN_OR_RETURN(Identity found, RequireEnabled(tx, name));
        if (!request.resource().empty()) {
          KW_RETURN_IF_ERROR(SelectIdentity(tx, request.resource(), name).status());
        }
        return found;
      }));
  const auth::TokenClaims claims =
      ClaimsFor(TokenBearer(identity), order, signer_.issuer(), clock_.Now());
  call.Note("principal_id", claims.subject);
  call.Note("audience", claims.audience);
  call.Note("token_id", claims.id);
  identity::v1::IssueTokenResponse response;
  KW_ASSIGN_OR_RETURN(*response.mutable_token(), signer_.Sign(claims, call.deadline));
  *response.mutable_expire_time() = ToProto(claims.expires);
  response.set_principal_id(identity.principal_id);
  return response;
}

absl::StatusOr<identity::v1::GetSigningKeysResponse> TokenHandler::GetSigningKeys() const {
  identity::v1::GetSigningKeysResponse response;
  KW_ASSIGN_OR_RETURN(const std::vector<SigningKey> keys,
                      changes_.Read<std::vector<SigningKey>>(PublishedSigningKeys));
  for (const SigningKey& key : keys) *response.add_keys() = ToProto(key);
  return response;
}

}  // namespace keyward::managed_identity
