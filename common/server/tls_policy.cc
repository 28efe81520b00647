#include "common/server/tls_policy.h"

#include <cstdlib>

namespace keyward::server {

void RequireTls13() {
  // gRPC 1.51 has no setting for the lowest version of TlsCredentials, but reads the cipher suites
  // of TLS 1.2 and below from here. The only one left needs a pre-shared key, which nobody has;
  // those of TLS 1.3 are OpenSSL's own defaults and not touched.
  static const bool once = [] {
    setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", 1);
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace keyward::server
