#include <string>

#include "absl/flags/flag.h"
#include "common/server/application.h"
#include "services/model_deployment/server.h"

ABSL_FLAG(std::string, blob_dir, "",
          "Folder in which uploads and models lie, encrypted. Made if it is missing.");
ABSL_FLAG(std::string, encryption, "", "host:port of the encryption service.");

namespace model_deployment = keyward::model_deployment;

int main(int argc, char** argv) {
  return keyward::server::Main(argc, argv, model_deployment::kServiceName,
                               model_deployment::Schemas(),
                               [](keyward::server::Foundation& foundation) {
                                 return model_deployment::MakeModelDeployment(
                                     foundation, {.blob_dir = absl::GetFlag(FLAGS_blob_dir),
                                                  .encryption = absl::GetFlag(FLAGS_encryption)});
                               });
}
