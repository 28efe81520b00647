#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_PAGES_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_PAGES_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "services/managed_identity/changes.h"
#include "services/managed_identity/https_listener.h"

namespace keyward::managed_identity {

// What those who verify tokens without being services of Keyward read over HTTPS: the OpenID
// discovery document of the issuer and, at its jwks_uri, the published signing keys (RFC 7517), by
// path: both lie below the path of the issuer. `changes` must outlive the pages.
std::map<std::string, HttpsListener::MakePage> OidcPages(const Changes& changes,
                                                         const std::string& issuer);

// OK if `issuer` can be the `iss` of tokens and the base of those pages: an https URL in its plain
// spelling, without a slash at the end. INVALID_ARGUMENT, saying what is wrong.
absl::Status CheckIssuer(const std::string& issuer);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_OIDC_PAGES_H_
