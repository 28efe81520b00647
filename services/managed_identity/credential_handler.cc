#include "services/managed_identity/credential_handler.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/managed_identity/credential_change.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/federation.h"
#include "services/managed_identity/federation_errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"

namespace keyward::managed_identity {
namespace {

absl::Status CheckIdentity(storage::Transaction& tx, const IdentityName& name) {
  KW_ASSIGN_OR_RETURN(const auto identity, FindIdentity(tx, name));
  if (!identity.has_value()) return IdentityNotFound(name);
  return identity->state == IdentityState::kDeleted ? IdentityDeleted(name) : absl::OkStatus();
}

absl::Status CheckIssuer(storage::Transaction& tx, const std::string& issuer) {
  KW_ASSIGN_OR_RETURN(const auto trusted, FindTrustedIssuer(tx, issuer));
  if (trusted.has_value()) return absl::OkStatus();
  KW_ASSIGN_OR_RETURN(const std::string similar, SimilarTrustedIssuer(tx, issuer));
  return NamedIssuerNotTrusted("federated_credential.issuer", issuer, similar);
}

absl::Status CheckFree(storage::Transaction& tx, const FederatedCredential& wanted) {
  KW_ASSIGN_OR_RETURN(const auto others, FederatedCredentialsOf(tx, wanted.name.identity()));
  for (const FederatedCredential& other : others) {
    if (other.name == wanted.name) {
      return FederatedCredentialExists(other.name, "; choose another federated_credential_id");
    }
    if (other.issuer == wanted.issuer && other.subject == wanted.subject) {
      return FederatedCredentialExists(other.name, ", with this issuer and subject");
    }
  }
  return others.size() < kMaxFederatedCredentials
             ? absl::OkStatus()
             : TooManyFederatedCredentials(wanted.name.identity());
}

}  // namespace

absl::StatusOr<identity::v1::FederatedCredential> CredentialHandler::Create(
    const server::CallContext& call,
    const identity::v1::CreateFederatedCredentialRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName identity, IdentityName::Parse(request.parent(), "parent"));
  KW_ASSIGN_OR_RETURN(const auto name,
                      FederatedCredentialName::FromId(identity, request.federated_credential_id(),
                                                      "federated_credential_id"));
  call.Note("issuer", request.federated_credential().issuer());
  call.Note("subject", request.federated_credential().subject());
  using Answer = identity::v1::FederatedCredential;
  return changes_.Commit<Answer>(call, request, [&](Change& change) -> absl::StatusOr<Answer> {
    KW_ASSIGN_OR_RETURN(
        const FederatedCredential credential,
        FederatedCredential::Create(name, request.federated_credential(), change.now()));
    KW_RETURN_IF_ERROR(CheckIdentity(change.tx(), identity));
    KW_RETURN_IF_ERROR(CheckIssuer(change.tx(), credential.issuer));
    KW_RETURN_IF_ERROR(CheckFree(change.tx(), credential));
    KW_RETURN_IF_ERROR(AddCredential(change, credential));
    return ToProto(credential);
  });
}

absl::StatusOr<identity::v1::FederatedCredential> CredentialHandler::Get(
    const identity::v1::GetFederatedCredentialRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name, FederatedCredentialName::Parse(request.name(), "name"));
  KW_ASSIGN_OR_RETURN(const auto credential, changes_.Read<std::optional<FederatedCredential>>(
                                                 [&](storage::Transaction& tx) {
                                                   return FindFederatedCredential(tx, name);
                                                 }));
  if (!credential.has_value()) return FederatedCredentialNotFound(name);
  return ToProto(*credential);
}

absl::StatusOr<identity::v1::ListFederatedCredentialsResponse> CredentialHandler::List(
    const identity::v1::ListFederatedCredentialsRequest& request) const {
  KW_ASSIGN_OR_RETURN(const IdentityName identity, IdentityName::Parse(request.parent(), "parent"));
  using Credentials = std::vector<FederatedCredential>;
  KW_ASSIGN_OR_RETURN(
      const Credentials credentials,
      changes_.Read<Credentials>([&](storage::Transaction& tx) -> absl::StatusOr<Credentials> {
        KW_ASSIGN_OR_RETURN(const auto found, FindIdentity(tx, identity));
        if (!found.has_value()) return IdentityNotFound(identity);
        return FederatedCredentialsOf(tx, identity);
      }));
  identity::v1::ListFederatedCredentialsResponse response;
  for (const FederatedCredential& credential : credentials) {
    *response.add_federated_credentials() = ToProto(credential);
  }
  return response;
}

absl::StatusOr<identity::v1::DeleteFederatedCredentialResponse> CredentialHandler::Delete(
    const server::CallContext& call,
    const identity::v1::DeleteFederatedCredentialRequest& request) const {
  KW_ASSIGN_OR_RETURN(const auto name, FederatedCredentialName::Parse(request.name(), "name"));
  using Response = identity::v1::DeleteFederatedCredentialResponse;
  const auto remove = [&](Change& change) { return RemoveCredential(change, name); };
  if (request.validate_only()) {
    KW_ASSIGN_OR_RETURN(Response answer, changes_.Try<Response>(call, remove));
    answer.clear_delivery();
    return answer;
  }
  KW_ASSIGN_OR_RETURN(Response answer, changes_.Commit<Response>(call, request, remove));
  KW_RETURN_IF_ERROR(changes_.FinishDelivery(call, request.async(), answer));
  return answer;
}

}  // namespace keyward::managed_identity
