#include "services/managed_identity/federation_errors.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/clock/utc.h"
#include "common/status/error.h"

namespace keyward::managed_identity {
namespace {

constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kUnauthenticated = absl::StatusCode::kUnauthenticated;

// What somebody else wrote into a token, fit for an error message.
std::string Quote(absl::string_view text) {
  constexpr size_t kShown = 600;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "…" : "", "\"");
}

std::string Advice(const std::string& similar) {
  if (similar.empty()) return "";
  return absl::StrCat(" ", Quote(similar),
                      " is known: the two differ by the slash at the end, which counts.");
}

// Follows "is not trusted": `operators` of a trusted issuer cannot be changed.
constexpr absl::string_view kAnew =
    "with operators. An administrator deletes the trusted issuer, which kills the tokens exchanged "
    "for its tokens, and makes it anew with \"operators\": true.";

absl::Status About(const std::string& resource, absl::StatusCode code, absl::string_view reason,
                   std::string message) {
  return ErrorBuilder(code, reason, std::move(message)).With("resource", resource);
}

// Denies nobody anything: UNAVAILABLE whatever the cause.
absl::Status KeysNotHad(const std::string& issuer, absl::string_view why, absl::string_view advice,
                        const char* cause, absl::Duration retry_after) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "ISSUER_UNREACHABLE",
                      absl::StrCat("The keys of the issuer ", Quote(issuer),
                                   " cannot be had, so nobody knows whether the subject token is "
                                   "good: ",
                                   why, ". ", advice))
      .With("issuer", issuer)
      .With("cause", cause)
      .RetryAfter(retry_after);
}

}  // namespace

absl::Status TrustedIssuerNotFound(const TrustedIssuerName& name) {
  return About(
      name.ToString(), absl::StatusCode::kNotFound, "TRUSTED_ISSUER_NOT_FOUND",
      absl::StrCat(name.ToString(), " does not exist; ListTrustedIssuers shows those that do"));
}

absl::Status FederatedCredentialNotFound(const FederatedCredentialName& name) {
  return About(name.ToString(), absl::StatusCode::kNotFound, "FEDERATED_CREDENTIAL_NOT_FOUND",
               absl::StrCat(name.ToString(),
                            " does not exist; ListFederatedCredentials shows those that do"));
}

absl::Status TrustedIssuerExists(const TrustedIssuerName& existing, const std::string& issuer,
                                 const std::string& wanted) {
  const absl::string_view advice =
      issuer == wanted ? "delete it first, which kills the tokens exchanged for its tokens"
                       : "choose another trusted_issuer_id";
  return About(existing.ToString(), absl::StatusCode::kAlreadyExists, "TRUSTED_ISSUER_EXISTS",
               absl::StrCat(existing.ToString(), " exists already, for the issuer ", Quote(issuer),
                            "; ", advice));
}

absl::Status FederatedCredentialExists(const FederatedCredentialName& existing,
                                       absl::string_view conflict) {
  return About(existing.ToString(), absl::StatusCode::kAlreadyExists, "FEDERATED_CREDENTIAL_EXISTS",
               absl::StrCat(existing.ToString(), " exists already", conflict));
}

absl::Status TooManyFederatedCredentials(const IdentityName& name) {
  const std::string message = absl::StrCat(
      name.ToString(), " has 20 federated credentials, which is the most; delete one first");
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "TOO_MANY_FEDERATED_CREDENTIALS",
                      message)
      .With("resource", name.ToString())
      .Violation("TOO_MANY_FEDERATED_CREDENTIALS", name.ToString(), message);
}

absl::Status NamedIssuerNotTrusted(absl::string_view field, const std::string& issuer,
                                   const std::string& similar) {
  const std::string message = absl::StrCat(field, " names the issuer ", Quote(issuer),
                                           ", which is not trusted; "
                                           "ListTrustedIssuers shows those that are, and an "
                                           "administrator makes one with CreateTrustedIssuer.",
                                           Advice(similar));
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "ISSUER_NOT_TRUSTED", message)
      .Violation("ISSUER_NOT_TRUSTED", issuer, message);
}

absl::Status NamedIssuerNotOfOperators(absl::string_view field, const std::string& issuer) {
  const std::string message =
      absl::StrCat(field, " names the issuer ", Quote(issuer), ", which is not trusted ", kAnew);
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "ISSUER_NOT_TRUSTED", message)
      .Violation("ISSUER_NOT_TRUSTED", issuer, message);
}

absl::Status SubjectTokenInvalid(absl::string_view what) {
  return ErrorBuilder(kUnauthenticated, "SUBJECT_TOKEN_INVALID",
                      absl::StrCat("The subject token is not valid: ", what, "."));
}

absl::Status SubjectTokenKeyUnknown(const std::string& key_id, const std::string& issuer,
                                    absl::Duration retry_after) {
  return ErrorBuilder(kUnauthenticated, "SUBJECT_TOKEN_KEY_UNKNOWN",
                      absl::StrCat("The subject token's kid ", Quote(key_id),
                                   " is none of the keys that ", Quote(issuer),
                                   " publishes. If it made that key just now, try again: its keys "
                                   "are not fetched more often than every few seconds."))
      .RetryAfter(retry_after);
}

absl::Status SubjectTokenExpired(absl::Time expired, absl::Time now) {
  return ErrorBuilder(
      kUnauthenticated, "SUBJECT_TOKEN_EXPIRED",
      absl::StrCat("The subject token expired at ", FormatUtc(expired), "; it is now ",
                   FormatUtc(now), ". Read it anew before each exchange: the issuer replaces it."));
}

absl::Status SubjectTokenNotYetValid(absl::Time not_before, absl::Time now) {
  return ErrorBuilder(
      kUnauthenticated, "SUBJECT_TOKEN_NOT_YET_VALID",
      absl::StrCat("The subject token is not valid before ", FormatUtc(not_before), "; it is now ",
                   FormatUtc(now), ". One of the two clocks is wrong."));
}

absl::Status IssuerNotTrusted(const std::string& issuer, const std::string& similar) {
  return ErrorBuilder(kDenied, "ISSUER_NOT_TRUSTED",
                      absl::StrCat("The subject token's iss ", Quote(issuer),
                                   " is no trusted issuer. An administrator makes one with "
                                   "keyward.identity.v1.FederationService/CreateTrustedIssuer.",
                                   Advice(similar)))
      .With("issuer", issuer);
}

absl::Status IssuerMismatch(const IdentityName& identity, const std::string& issuer,
                            const std::string& similar) {
  return ErrorBuilder(
             kDenied, "ISSUER_MISMATCH",
             absl::StrCat("No federated credential of ", identity.ToString(), " names the issuer ",
                          Quote(issuer), " of the subject token.", Advice(similar)))
      .With("resource", identity.ToString())
      .With("issuer", issuer);
}

absl::Status SubjectMismatch(const IdentityName& identity, const std::string& issuer,
                             const std::string& subject) {
  return ErrorBuilder(kDenied, "SUBJECT_MISMATCH",
                      absl::StrCat("The subject token is about ", Quote(subject),
                                   ", and no federated credential of ", identity.ToString(),
                                   " for ", Quote(issuer),
                                   " names that subject; ListFederatedCredentials shows which they "
                                   "name. Capital letters count."))
      .With("resource", identity.ToString())
      .With("subject", subject);
}

absl::Status OperatorUnknown(const std::string& principal) {
  return ErrorBuilder(
             kDenied, "OPERATOR_UNKNOWN",
             absl::StrCat(
                 "The subject token proves that you are ", Quote(principal),
                 ", whom no role assignment names. An administrator gives that principal a role "
                 "with keyward.identity.v1.RoleService/CreateRoleAssignment; to act "
                 "as an identity instead, name it."))
      .With("principal", principal);
}

absl::Status IssuerNotOfOperators(const std::string& issuer) {
  return ErrorBuilder(kDenied, "OPERATOR_UNKNOWN",
                      absl::StrCat("The subject token's iss ", Quote(issuer), " is not trusted ",
                                   kAnew, " To act as an identity, name it."))
      .With("issuer", issuer);
}

absl::Status AudienceMismatch(const std::string& wants, const std::string& expected,
                              const std::vector<std::string>& got) {
  const std::string audiences = absl::StrJoin(
      got, ", ", [](std::string* out, const std::string& aud) { out->append(Quote(aud)); });
  return ErrorBuilder(kDenied, "AUDIENCE_MISMATCH",
                      absl::StrCat("The subject token is for ", audiences, "; ", wants,
                                   " wants one that is for ", Quote(expected),
                                   " and for nobody else. Of a pod, the audience "
                                   "stands in its projected volume."))
      .With("resource", wants);
}

absl::Status IssuerUnreachable(const std::string& issuer, absl::string_view why,
                               absl::Duration retry_after) {
  return KeysNotHad(issuer, why, "Try again.", "OUTAGE", retry_after);
}

absl::Status IssuerNotRecognised(const std::string& issuer, absl::string_view why,
                                 absl::Duration retry_after) {
  return KeysNotHad(issuer, why,
                    "Trying again does not help until its certificate is another one, or an "
                    "administrator gives the authorities that it chains to as ca_certificates with "
                    "keyward.identity.v1.FederationService/UpdateTrustedIssuer.",
                    "CERTIFICATE", retry_after);
}

}  // namespace keyward::managed_identity
