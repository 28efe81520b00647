#include <string>

#include "absl/flags/flag.h"
#include "common/server/application.h"
#include "services/key_vault/server.h"

ABSL_FLAG(
    double, vault_operations_per_second, keyward::key_vault::RateLimits().vault_operations,
    "What each vault may be asked of this replica a second: an operation with RSA of 2048 bits "
    "counts as one, of 3072 and 4096 bits as 4 and 8.");
ABSL_FLAG(double, principal_operations_per_second,
          keyward::key_vault::RateLimits().principal_operations,
          "The same for each principal, in all vaults together.");
ABSL_FLAG(double, vault_key_creations_per_second,
          keyward::key_vault::RateLimits().vault_key_creations,
          "How many keys and versions may be made in each vault a second.");
ABSL_FLAG(
    std::string, hsm, "",
    "The token in which the keys of premium vaults are made and stay, as "
    "pkcs11:token=LABEL?module-path=/path/to/module.so&pin-source=file:/path/to/pin. Default: "
    "the token of --root_key, if that is in one.");

namespace key_vault = keyward::key_vault;

int main(int argc, char** argv) {
  return keyward::server::Main(
      argc, argv, key_vault::kServiceName, key_vault::Schemas(),
      [](keyward::server::Foundation& foundation) {
        return key_vault::MakeKeyVault(
            foundation,
            {.hsm = absl::GetFlag(FLAGS_hsm),
             .limits = {
                 .vault_operations = absl::GetFlag(FLAGS_vault_operations_per_second),
                 .principal_operations = absl::GetFlag(FLAGS_principal_operations_per_second),
                 .vault_key_creations = absl::GetFlag(FLAGS_vault_key_creations_per_second)}});
      });
}
