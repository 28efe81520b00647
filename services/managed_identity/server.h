#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_SERVER_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_SERVER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/server/application.h"
#include "common/server/foundation.h"
#include "common/storage/migration.h"
#include "services/managed_identity/settings.h"

namespace keyward::managed_identity {

inline constexpr char kServiceName[] = "managed_identity";

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
