#include "services/managed_identity/credential_change.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/managed_identity/federation_errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/oidc_operator.h"

namespace keyward::managed_identity {
namespace {

// Tells that a credential came or went, if its identity has a principal. Returns the sequence of
// the last event about the identity.
absl::StatusOr<int64_t> Tell(Change& change, const FederatedCredential& credential,
                             Identity identity) {
  if (!identity.enabled()) return identity.last_event;
  KW_ASSIGN_OR_RETURN(
      identity.last_event,
      change.Publish("CredentialChanged", credential.name.ToString(), PrincipalCame(identity)));
  KW_RETURN_IF_ERROR(SaveIdentity(change.tx(), identity));
  return identity.last_event;
}

absl::StatusOr<int64_t> KillTokens(Change& change, const FederatedCredential& credential) {
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity,
                      FindIdentity(change.tx(), credential.name.identity()));
  if (!identity.has_value()) return absl::DataLossError("a credential without an identity");
  if (identity->enabled()) {
    identity->RefuseTokensUntil(std::max(change.now(), credential.last_use_time));
  }
  KW_ASSIGN_OR_RETURN(const int64_t sequence, Tell(change, credential, *std::move(identity)));
  KW_FAULT_POINT("managed_identity.credential_ended");
  return sequence;
}

// Of all operators whom the issuer's tokens name. Returns the sequence of the last event; 0 if
// there are none.
absl::StatusOr<int64_t> KillOperatorTokens(Change& change, const std::string& issuer) {
  KW_ASSIGN_OR_RETURN(std::vector<OidcOperator> operators, OidcOperatorsOf(change.tx(), issuer));
  int64_t last = 0;
  for (OidcOperator& oidc_operator : operators) {
    oidc_operator.RefuseTokens(change.now());
    KW_ASSIGN_OR_RETURN(
        last, change.Publish("OperatorChanged", oidc_operator.principal(), ToEvent(oidc_operator)));
    oidc_operator.last_event = last;
    KW_RETURN_IF_ERROR(SaveOidcOperator(change.tx(), oidc_operator));
  }
  return last;
}

}  // namespace

absl::Status AddCredential(Change& change, const FederatedCredential& credential) {
  KW_RETURN_IF_ERROR(SaveFederatedCredential(change.tx(), credential));
  KW_ASSIGN_OR_RETURN(std::optional<Identity> identity,
                      FindIdentity(change.tx(), credential.name.identity()));
  if (!identity.has_value()) return absl::DataLossError("a credential without an identity");
  return Tell(change, credential, *std::move(identity)).status();
}

absl::StatusOr<identity::v1::DeleteFederatedCredentialResponse> RemoveCredential(
    Change& change, const FederatedCredentialName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<FederatedCredential> credential,
                      FindFederatedCredential(change.tx(), name));
  if (!credential.has_value()) return FederatedCredentialNotFound(name);
  KW_ASSIGN_OR_RETURN(const int64_t sequence, KillTokens(change, *credential));
  KW_RETURN_IF_ERROR(DeleteFederatedCredential(change.tx(), name));
  identity::v1::DeleteFederatedCredentialResponse answer;
  *answer.mutable_federated_credential() = ToProto(*credential);
  answer.mutable_delivery()->set_sequence(sequence);
  return answer;
}

absl::StatusOr<identity::v1::DeleteTrustedIssuerResponse> DistrustIssuer(
    Change& change, const TrustedIssuerName& name) {
  KW_ASSIGN_OR_RETURN(const std::optional<TrustedIssuer> issuer,
                      FindTrustedIssuer(change.tx(), name));
  if (!issuer.has_value()) return TrustedIssuerNotFound(name);
  KW_ASSIGN_OR_RETURN(const std::vector<FederatedCredential> credentials,
                      FederatedCredentialsFor(change.tx(), issuer->issuer));
  identity::v1::DeleteTrustedIssuerResponse answer;
  int64_t last = 0;
  for (const FederatedCredential& credential : credentials) {
    KW_ASSIGN_OR_RETURN(const int64_t sequence, KillTokens(change, credential));
    last = std::max(last, sequence);
    const std::string identity = credential.name.identity().ToString();
    if (answer.identities().empty() || *answer.identities().rbegin() != identity) {
      answer.add_identities(identity);
    }
  }
  KW_ASSIGN_OR_RETURN(const int64_t of_operators, KillOperatorTokens(change, issuer->issuer));
  last = std::max(last, of_operators);
  KW_RETURN_IF_ERROR(DeleteTrustedIssuer(change.tx(), name));
  *answer.mutable_trusted_issuer() = ToProto(*issuer);
  answer.mutable_delivery()->set_sequence(last);
  return answer;
}

}  // namespace keyward::managed_identity
