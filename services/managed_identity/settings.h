#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SETTINGS_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SETTINGS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace keyward::managed_identity {

// What this service can be told beside server::ServerOptions.
struct Settings {
  // The SPIFFE ID of the operator who may do everything from the first start on; see bootstrap.h.
  std::string bootstrap_administrator;
  // The `iss` of tokens: the https URL below which relying parties find the discovery document. If
  // empty, the SPIFFE ID of this service, and nobody outside Keyward can verify them.
  std::string issuer = {};
  // host:port of the HTTPS port for that. Needed with an issuer.
  std::string oidc_listen = {};
  // Its certificate and key, as PEM files; those of the gRPC port if empty.
  std::string oidc_tls_certificate = {};
  std::string oidc_tls_private_key = {};
  // How long a token signing key signs.
  absl::Duration signing_key_rotation = absl::Hours(24 * 30);
};

// FAILED_PRECONDITION, naming the flag and saying what to do, if the service cannot be run so.
absl::Status CheckSettings(const Settings& settings);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SETTINGS_H_
