#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/server/application.h"
#include "services/managed_identity/server.h"

ABSL_FLAG(std::string, bootstrap_administrator, "",
          "SPIFFE ID of the operator who gets ROLE_ADMINISTRATOR on \"/\" at the first start, such "
          "as spiffe://keyward.local/operator/alice. Later starts ignore it.");
ABSL_FLAG(
    std::string, issuer, "",
    "The issuer of tokens: the https URL, such as https://identity.example.com, under which "
    "relying parties reach --oidc_listen. Without it tokens are for Keyward's services alone.");
ABSL_FLAG(std::string, oidc_listen, "",
          "host:port for OpenID discovery and the public signing keys over HTTPS, for anybody.");
ABSL_FLAG(std::string, oidc_tls_certificate, "",
          "PEM file with the certificate chain of that port; by default --tls_certificate.");
ABSL_FLAG(std::string, oidc_tls_private_key, "", "Its private key.");
ABSL_FLAG(absl::Duration, signing_key_rotation,
          keyward::managed_identity::Settings().signing_key_rotation,
          "How long a token signing key signs before the next one does; at least 20m.");

namespace managed_identity = keyward::managed_identity;

int main(int argc, char** argv) {
  return keyward::server::Main(
      argc, argv, managed_identity::kServiceName, managed_identity::Schemas(),
      [](keyward::server::Foundation& foundation) {
        return managed_identity::MakeManagedIdentity(
            foundation, {.bootstrap_administrator = absl::GetFlag(FLAGS_bootstrap_administrator),
                         .issuer = absl::GetFlag(FLAGS_issuer),
                         .oidc_listen = absl::GetFlag(FLAGS_oidc_listen),
                         .oidc_tls_certificate = absl::GetFlag(FLAGS_oidc_tls_certificate),
                         .oidc_tls_private_key = absl::GetFlag(FLAGS_oidc_tls_private_key),
                         .signing_key_rotation = absl::GetFlag(FLAGS_signing_key_rotation)});
      });
}
