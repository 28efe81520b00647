#ifndef KEYWARD_SERVICES_KEY_VAULT_SERVER_H_
#define KEYWARD_SERVICES_KEY_VAULT_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/foundation.h"
#include "common/storage/migration.h"
#include "services/key_vault/rate_limiter.h"

namespace keyward::key_vault {

// What this service can be told beside server::ServerOptions.
struct Settings {
  // The token in which the keys of premium vaults are made, as a PKCS #11 URI (hsm/token_uri.h). If
  // empty, that of the root key, if that is in one.
  std::string hsm = {};
  RateLimits limits;
};

inline constexpr char kServiceName[] = "key_vault";

// The tables that this service needs beside those of the Foundation.
std::vector<storage::Schema> Schemas();

// Wires the service over `foundation`, which must outlive it: opens the root key and the token,
// and follows managed_identity. The error says what to do.
absl::StatusOr<std::unique_ptr<server::Application>> MakeKeyVault(server::Foundation& foundation,
                                                                  const Settings& settings);

}  // namespace keyward::key_vault

#endif  // KEYWARD_SERVICES_KEY_VAULT_SERVER_H_
