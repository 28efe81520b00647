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
#include "services/managed_identity/role_store.h"

namespace keyward::managed_identity {
namespace {

// How many of each kind an answer names.
constexpr int kTold = 100;

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

// Of all identities with credentials that name the issuer. Returns the sequence of the last event;
// 0 if there are none.
absl::StatusOr<int64_t> KillWorkloadTokens(Change& change, const std::string& issuer,
                                           identity::v1::DeleteTrustedIssuerResponse& answer) {
  KW_ASSIGN_OR_RETURN(const std::vector<FederatedCredential> credentials,
                      FederatedCredentialsFor(change.tx(), issuer));
  int64_t last = 0;
  std::string identity;
  for (const FederatedCredential& credential : credentials) {
    KW_ASSIGN_OR_RETURN(const int64_t sequence, KillTokens(change, credential));
    last = std::max(last, sequence);
    answer.set_federated_credential_count(answer.federated_credential_count() + 1);
    if (answer.federated_credentials_size() < kTold) {
      answer.add_federated_credentials(credential.name.ToString());
    }
    if (credential.name.identity().ToString() == identity) continue;
    identity = credential.name.identity().ToString();
    answer.set_identity_count(answer.identity_count() + 1);
    if (answer.identities_size() < kTold) answer.add_identities(identity);
  }
  return last;
}

// Of all operators whom the issuer's tokens name; those without a role had no way in to lose.
absl::StatusOr<int64_t> KillOperatorTokens(Change& change, const std::string& issuer,
                                           identity::v1::DeleteTrustedIssuerResponse& answer) {
  KW_ASSIGN_OR_RETURN(std::vector<OidcOperator> operators, OidcOperatorsOf(change.tx(), issuer));
  int64_t last = 0;
  for (OidcOperator& oidc_operator : operators) {
    const std::string principal = oidc_operator.principal();
    oidc_operator.RefuseTokens(change.now());
    KW_ASSIGN_OR_RETURN(last, change.Publish("OperatorChanged", principal, ToEvent(oidc_operator)));
    oidc_operator.last_event = last;
    KW_RETURN_IF_ERROR(SaveOidcOperator(change.tx(), oidc_operator));
    KW_ASSIGN_OR_RETURN(const bool holds_a_role, HoldsAnyRole(change.tx(), principal));
    if (!holds_a_role) continue;
    answer.set_operator_count(answer.operator_count() + 1);
    if (answer.operators_size() < kTold) answer.add_operators(principal);
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
  identity::v1::DeleteTrustedIssuerResponse answer;
  KW_ASSIGN_OR_RETURN(const int64_t of_workloads,
                      KillWorkloadTokens(change, issuer->issuer, answer));
  KW_ASSIGN_OR_RETURN(const int64_t of_operators,
                      KillOperatorTokens(change, issuer->issuer, answer));
  KW_RETURN_IF_ERROR(DeleteTrustedIssuer(change.tx(), name));
  *answer.mutable_trusted_issuer() = ToProto(*issuer);
  answer.mutable_delivery()->set_sequence(std::max(of_workloads, of_operators));
  return answer;
}

}  // namespace keyward::managed_identity
