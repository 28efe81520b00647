#include <string>

#include "absl/flags/flag.h"
#include "common/server/application.h"
#include "services/managed_identity/server.h"

ABSL_FLAG(std::string, bootstrap_administrator, "",
          "SPIFFE ID of the operator who gets ROLE_ADMINISTRATOR on \"/\" at the first start, such "
          "as spiffe://keyward.local/operator/alice. Later starts ignore it.");

namespace managed_identity = keyward::managed_identity;

int main(int argc, char** argv) {
  return keyward::server::Main(
      argc, argv, managed_identity::kServiceName, managed_identity::Schemas(),
      [](keyward::server::Foundation& foundation) {
        return managed_identity::MakeManagedIdentity(
            foundation, {.bootstrap_administrator = absl::GetFlag(FLAGS_bootstrap_administrator)});
      });
}
