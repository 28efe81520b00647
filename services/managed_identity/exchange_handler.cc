#include "services/managed_identity/exchange_handler.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/foreign_keys.h"
#include "common/status/status_macros.h"
#include "services/managed_identity/errors.h"
#include "services/managed_identity/federation_errors.h"
#include "services/managed_identity/federation_store.h"
#include "services/managed_identity/identity_store.h"
#include "services/managed_identity/messages.h"
#include "services/managed_identity/names.h"
#include "services/managed_identity/oidc_operator.h"
#include "services/managed_identity/role_store.h"

namespace keyward::managed_identity {
namespace {

using Verdict = auth::ForeignKeys::Verdict;

// The credential of the identity that lets the token in, or what stands in its way.
absl::StatusOr<FederatedCredential> Match(storage::Transaction& tx, const IdentityName& identity,
                                          const auth::ForeignToken& token) {
  KW_ASSIGN_OR_RETURN(const auto credentials, FederatedCredentialsOf(tx, identity));
  bool issuer_matches = false;
  std::string similar;
  for (const FederatedCredential& credential : credentials) {
    if (DifferBySlash(credential.issuer, token.issuer)) similar = credential.issuer;
    if (credential.issuer != token.issuer) continue;
    issuer_matches = true;
    if (credential.subject != token.subject) continue;
    if (token.audiences != std::vector<std::string>{credential.audience}) {
      return AudienceMismatch(credential.name.ToString(), credential.audience, token.audiences);
    }
    return credential;
  }
  if (!issuer_matches) return IssuerMismatch(identity, token.issuer, similar);
  return SubjectMismatch(identity, token.issuer, token.subject);
}

}  // namespace

absl::StatusOr<identity::v1::ExchangeTokenResponse> ExchangeHandler::Exchange(
    const server::CallContext& call, const identity::v1::ExchangeTokenRequest& request) const {
  std::optional<IdentityName> name;
  if (!request.identity().empty()) {
    KW_ASSIGN_OR_RETURN(name, IdentityName::Parse(request.identity(), "identity"));
  }
  KW_ASSIGN_OR_RETURN(const TokenOrder order,
                      TokenOrder::Parse(request.audience(),
                                        request.has_lifetime() ? &request.lifetime() : nullptr));
  const auto token = auth::ParseForeignToken(request.subject_token());
  if (!token.ok()) return SubjectTokenInvalid(token.status().message());
  call.Note("subject_issuer", token->issuer);
  call.Note("subject", token->subject);
  KW_ASSIGN_OR_RETURN(const TrustedIssuer issuer, FindIssuer(*token));
  KW_RETURN_IF_ERROR(Verify(*token, issuer, call.deadline));
  std::optional<Admission> admission;
  KW_RETURN_IF_ERROR(changes_.CommitUnasked([&](Change& change) -> absl::Status {
    KW_ASSIGN_OR_RETURN(admission, Admit(change, name, *token, issuer, order));
    return absl::OkStatus();
  }));
  call.Note("principal_id", admission->claims.subject);
  call.Note("audience", admission->claims.audience);
  call.Note("token_id", admission->claims.id);
  if (!admission->credential.empty()) call.Note("federated_credential", admission->credential);
  identity::v1::ExchangeTokenResponse response;
  KW_ASSIGN_OR_RETURN(*response.mutable_token(), signer_.Sign(admission->claims, call.deadline));
  *response.mutable_expire_time() = ToProto(admission->claims.expires);
  response.set_principal_id(admission->claims.subject);
  response.set_federated_credential(admission->credential);
  return response;
}

absl::StatusOr<TrustedIssuer> ExchangeHandler::FindIssuer(const auth::ForeignToken& token) const {
  return changes_.Read<TrustedIssuer>(
      [&](storage::Transaction& tx) -> absl::StatusOr<TrustedIssuer> {
        KW_ASSIGN_OR_RETURN(std::optional<TrustedIssuer> issuer,
                            FindTrustedIssuer(tx, token.issuer));
        if (issuer.has_value()) return *std::move(issuer);
        KW_ASSIGN_OR_RETURN(const std::string similar, SimilarTrustedIssuer(tx, token.issuer));
        return IssuerNotTrusted(token.issuer, similar);
      });
}

absl::Status ExchangeHandler::Verify(const auth::ForeignToken& token, const TrustedIssuer& issuer,
                                     absl::Time deadline) const {
  KW_ASSIGN_OR_RETURN(const IssuerKeys::Answer answer, keys_.Get(issuer, token.key_id, deadline));
  switch (
      answer.keys->Verify(token.key_id, token.algorithm, token.signing_input, token.signature)) {
    case Verdict::kUnknownKey:
      return SubjectTokenKeyUnknown(token.key_id, issuer.issuer, answer.retry_after);
    case Verdict::kUnusableKey:
      return SubjectTokenInvalid(
          "its issuer publishes more than one key with its kid, or none that verifies with it");
    case Verdict::kWrongAlgorithm:
      return SubjectTokenInvalid(
          absl::StrCat("the issuer's key is not for the header's algorithm ", token.algorithm));
    case Verdict::kBadSignature:
      return SubjectTokenInvalid("the signature is not the issuer's");
    case Verdict::kValid:
      break;
  }
  const absl::Time now = clock_.Now();
  if (token.ExpiredAt(now)) return SubjectTokenExpired(token.expires, now);
  if (token.NotYetValidAt(now)) return SubjectTokenNotYetValid(*token.not_before, now);
  return absl::OkStatus();
}

absl::StatusOr<ExchangeHandler::Admission> ExchangeHandler::Admit(
    Change& change, const std::optional<IdentityName>& name, const auth::ForeignToken& token,
    const TrustedIssuer& issuer, const TokenOrder& order) const {
  KW_ASSIGN_OR_RETURN(const auto trusted, FindTrustedIssuer(change.tx(), issuer.name));
  if (!trusted.has_value() || trusted->create_time != issuer.create_time) {
    return IssuerNotTrusted(token.issuer, /*similar=*/"");
  }
  if (!trusted->SameSource(issuer)) {
    return IssuerUnreachable(issuer.issuer, "where its keys are was changed just now",
                             absl::Seconds(1));
  }
  return name.has_value() ? AdmitWorkload(change, *name, token, order)
                          : AdmitOperator(change, token, issuer, order);
}

absl::StatusOr<ExchangeHandler::Admission> ExchangeHandler::AdmitWorkload(
    Change& change, const IdentityName& name, const auth::ForeignToken& token,
    const TokenOrder& order) const {
  KW_ASSIGN_OR_RETURN(FederatedCredential credential, Match(change.tx(), name, token));
  KW_ASSIGN_OR_RETURN(const std::optional<Identity> identity, FindIdentity(change.tx(), name));
  if (!identity.has_value()) return absl::DataLossError("a credential without an identity");
  if (!identity->enabled()) return IdentityDisabled(name, identity->state_reason);
  auth::TokenClaims claims = Claims(TokenBearer(*identity), token, order, change.now());
  credential.last_use_time = std::max(credential.last_use_time, claims.issued_at);
  KW_RETURN_IF_ERROR(SaveFederatedCredential(change.tx(), credential));
  return Admission{credential.name.ToString(), std::move(claims)};
}

absl::StatusOr<ExchangeHandler::Admission> ExchangeHandler::AdmitOperator(
    Change& change, const auth::ForeignToken& token, const TrustedIssuer& issuer,
    const TokenOrder& order) const {
  const std::string principal = OidcOperator{token.issuer, token.subject}.principal();
  KW_ASSIGN_OR_RETURN(std::optional<OidcOperator> found, FindOidcOperator(change.tx(), principal));
  // Compared here too: the name may have been cut short on its way through a database.
  const bool known =
      found.has_value() && found->issuer == token.issuer && found->subject == token.subject;
  if (!issuer.operators) return IssuerNotOfOperators(issuer.issuer);
  if (!known) return OperatorUnknown(principal);
  KW_ASSIGN_OR_RETURN(const bool holds_a_role, HoldsAnyRole(change.tx(), principal));
  if (!holds_a_role) return OperatorUnknown(principal);
  if (token.audiences != std::vector<std::string>{kOperatorAudience}) {
    return AudienceMismatch(issuer.name.ToString(), kOperatorAudience, token.audiences);
  }
  auth::TokenClaims claims = Claims(TokenBearer(*found), token, order, change.now());
  found->last_use_time = std::max(found->last_use_time, claims.issued_at);
  KW_RETURN_IF_ERROR(SaveOidcOperator(change.tx(), *found));
  return Admission{"", std::move(claims)};
}

auth::TokenClaims ExchangeHandler::Claims(const TokenBearer& bearer,
                                          const auth::ForeignToken& token, const TokenOrder& order,
                                          absl::Time now) const {
  auth::TokenClaims claims = ClaimsFor(bearer, order, signer_.issuer(), now);
  claims.expires =
      std::min(claims.expires, absl::FromUnixSeconds(absl::ToUnixSeconds(token.expires)));
  return claims;
}

}  // namespace keyward::managed_identity
