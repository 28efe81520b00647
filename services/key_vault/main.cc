#include <string>

#include "absl/flags/flag.h"
#include "common/server/application.h"
#include "services/key_vault/server.h"

ABSL_FLAG(
    std::string, hsm, "",
    "The token in which the keys of premium vaults are made and stay, as "
    "pkcs11:token=LABEL?module-path=/path/to/module.so&pin-source=file:/path/to/pin. Default: "
    "the token of --root_key, if that is in one.");

namespace key_vault = keyward::key_vault;

int main(int argc, char** argv) {
  return keyward::server::Main(argc, argv, key_vault::kServiceName, key_vault::Schemas(),
                               [](keyward::server::Foundation& foundation) {
                                 return key_vault::MakeKeyVault(foundation,
                                                                {.hsm = absl::GetFlag(FLAGS_hsm)});
                               });
}
