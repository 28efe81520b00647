#include <string>

#include "absl/flags/flag.h"
#include "common/server/application.h"
#include "services/encryption/encryption_core.h"
#include "services/encryption/server.h"

ABSL_FLAG(std::string, key_vault, "", "host:port of key_vault.");

namespace encryption = keyward::encryption;

int main(int argc, char** argv) {
  return keyward::server::Main(argc, argv, encryption::kServiceName, encryption::Schemas(),
                               [](keyward::server::Foundation& foundation) {
                                 return encryption::MakeEncryption(
                                     foundation, {.key_vault = absl::GetFlag(FLAGS_key_vault)});
                               });
}
