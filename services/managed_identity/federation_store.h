#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_STORE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/transaction.h"
#include "services/managed_identity/federation.h"

namespace keyward::managed_identity {

// Trusted issuers and federated credentials in the database. Errors are those of Transaction.

absl::StatusOr<std::optional<TrustedIssuer>> FindTrustedIssuer(storage::Transaction& tx,
                                                               const TrustedIssuerName& name);
// The one whose tokens have this `iss`.
absl::StatusOr<std::optional<TrustedIssuer>> FindTrustedIssuer(storage::Transaction& tx,
                                                               const std::string& issuer);
// The `issuer` of one that differs from this by a slash at the end only; empty if there is none.
absl::StatusOr<std::string> SimilarTrustedIssuer(storage::Transaction& tx,
                                                 const std::string& issuer);
// The first `limit` whose id follows `after`, by id.
absl::StatusOr<std::vector<TrustedIssuer>> ListTrustedIssuers(storage::Transaction& tx,
                                                              const std::string& after, int limit);
// Where its keys are, and who may serve them; the rest never changes. It must be there.
absl::Status UpdateTrustedIssuer(storage::Transaction& tx, const TrustedIssuer& issuer);
absl::Status InsertTrustedIssuer(storage::Transaction& tx, const TrustedIssuer& issuer);
absl::Status DeleteTrustedIssuer(storage::Transaction& tx, const TrustedIssuerName& name);

absl::StatusOr<std::optional<FederatedCredential>> FindFederatedCredential(
    storage::Transaction& tx, const FederatedCredentialName& name);
// All of an identity, by id.
absl::StatusOr<std::vector<FederatedCredential>> FederatedCredentialsOf(storage::Transaction& tx,
                                                                        const IdentityName& name);
// All that name an issuer, by identity and id.
absl::StatusOr<std::vector<FederatedCredential>> FederatedCredentialsFor(storage::Transaction& tx,
                                                                         const std::string& issuer);
// Writes a new one, or the last_use_time of the old one.
absl::Status SaveFederatedCredential(storage::Transaction& tx,
                                     const FederatedCredential& credential);
absl::Status DeleteFederatedCredential(storage::Transaction& tx,
                                       const FederatedCredentialName& name);
// All of an identity.
absl::Status DeleteFederatedCredentialsOf(storage::Transaction& tx, const IdentityName& name);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_FEDERATION_STORE_H_
