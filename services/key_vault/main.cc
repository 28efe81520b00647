#include "common/server/application.h"
#include "services/key_vault/server.h"

int main(int argc, char** argv) {
  return keyward::server::Main(argc, argv, keyward::key_vault::kServiceName,
                               keyward::key_vault::Schemas(), keyward::key_vault::MakeKeyVault);
}
