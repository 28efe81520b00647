#ifndef KEYWARD_SERVICES_ENCRYPTION_SERVER_H_
#define KEYWARD_SERVICES_ENCRYPTION_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/foundation.h"

namespace keyward::encryption {

inline constexpr char kServiceName[] = "encryption";

// What this service can be told beside server::ServerOptions.
struct Settings {
  // host:port of key_vault.
  std::string key_vault;
};

// Wires the service over `foundation`, which must outlive it: opens the platform keys, and follows
// the feeds of managed_identity and key_vault. The error says what to do. Open the foundation with
// Schemas() (encryption_core.h).
absl::StatusOr<std::unique_ptr<server::Application>> MakeEncryption(server::Foundation& foundation,
                                                                    const Settings& settings);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_SERVER_H_
