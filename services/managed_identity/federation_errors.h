#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_ERRORS_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// errors.h of trusted issuers, federated credentials and exchanges.

// NOT_FOUND.
absl::Status TrustedIssuerNotFound(const TrustedIssuerName& name);
absl::Status FederatedCredentialNotFound(const FederatedCredentialName& name);

// ALREADY_EXISTS.
// `existing` is for `issuer`; `wanted` was to be another one, or the same.
absl::Status TrustedIssuerExists(const TrustedIssuerName& existing, const std::string& issuer,
                                 const std::string& wanted);
absl::Status FederatedCredentialExists(const FederatedCredentialName& existing,
                                       absl::string_view conflict);

// FAILED_PRECONDITION.
absl::Status TooManyFederatedCredentials(const IdentityName& name);
// `similar` is the trusted issuer that differs by a slash only; empty if there is none.
absl::Status NamedIssuerNotTrusted(absl::string_view field, const std::string& issuer,
                                   const std::string& similar);
// The issuer is trusted, but not with operators.
absl::Status NamedIssuerNotOfOperators(absl::string_view field, const std::string& issuer);

// The subject token proves nothing: UNAUTHENTICATED. `what` says what is wrong with it.
absl::Status SubjectTokenInvalid(absl::string_view what);
absl::Status SubjectTokenKeyUnknown(const std::string& key_id, const std::string& issuer,
                                    absl::Duration retry_after);
absl::Status SubjectTokenExpired(absl::Time expired, absl::Time now);
absl::Status SubjectTokenNotYetValid(absl::Time not_before, absl::Time now);

// What it proves lets nobody in: PERMISSION_DENIED. `similar` as above.
absl::Status IssuerNotTrusted(const std::string& issuer, const std::string& similar);
absl::Status IssuerMismatch(const IdentityName& identity, const std::string& issuer,
                            const std::string& similar);
absl::Status SubjectMismatch(const IdentityName& identity, const std::string& issuer,
                             const std::string& subject);
absl::Status OperatorUnknown(const std::string& principal);
absl::Status IssuerNotOfOperators(const std::string& issuer);
// `wants` is what asks for the audience, such as a credential.
absl::Status AudienceMismatch(const std::string& wants, const std::string& expected,
                              const std::vector<std::string>& got);

// The keys could not be fetched, or too many calls wait for keys: UNAVAILABLE, with the cause
// "OUTAGE".
absl::Status IssuerUnreachable(const std::string& issuer, absl::string_view why,
                               absl::Duration retry_after);
// The same, with the cause "CERTIFICATE": whoever answers has none that the pinned authorities
// vouch for.
absl::Status IssuerNotRecognised(const std::string& issuer, absl::string_view why,
                                 absl::Duration retry_after);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_ERRORS_H_
