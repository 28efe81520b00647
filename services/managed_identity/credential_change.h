#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_CHANGE_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_CHANGE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "keyward/identity/v1/federation.pb.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/federation.h"
#include "services/managed_identity/names.h"

namespace keyward::managed_identity {

// How tokens die with the credential that they were exchanged under: the mark of the principal,
// before which no token of it counts, is raised above the latest of them, by an event that every
// verifier follows. The credential keeps the time of its latest exchange for that, since one may
// have been served while the change waited for its turn.

// Adds a credential inside one change: a CredentialChanged if its identity has a principal.
absl::Status AddCredential(Change& change, const FederatedCredential& credential);

// Takes one away inside one change. NOT_FOUND. Fills all but validate_only.
absl::StatusOr<identity::v1::DeleteFederatedCredentialResponse> RemoveCredential(
    Change& change, const FederatedCredentialName& name);

// Trusts an issuer no longer, inside one change. NOT_FOUND. Fills all but validate_only.
absl::StatusOr<identity::v1::DeleteTrustedIssuerResponse> DistrustIssuer(
    Change& change, const TrustedIssuerName& name);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_CREDENTIAL_CHANGE_H_
