#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SERVER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/application.h"
#include "common/server/foundation.h"
#include "common/storage/migration.h"

namespace keyward::managed_identity {

inline constexpr char kServiceName[] = "managed_identity";

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

// The tables that this service needs beside those of the Foundation.
std::vector<storage::Schema> Schemas();

// The port of the HTTPS listener of such an application; 0 if there is none.
int OidcPort(server::Application& managed_identity);

// Wires the service over `foundation`, which must outlive it: makes or loads the token signing key
// and settles who the first administrator is. The error says what to do.
absl::StatusOr<std::unique_ptr<server::Application>> MakeManagedIdentity(
    server::Foundation& foundation, const Settings& settings);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_SERVER_H_
