// Plays the story against a suite that runs, as an outside client would, and prints it.

#include <grpc/support/log.h>

#include <iostream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/mission/client.h"
#include "tests/mission/story.h"
#include "tests/mission/transcript.h"

ABSL_FLAG(int, port_base, 7400, "The suite's port base: key_vault listens at +20, and so on.");
ABSL_FLAG(std::string, pki_dir, "", "Where ca.crt and operator-admin.{crt,key} lie.");
ABSL_FLAG(std::string, data_dir, "", "The suite's data directory.");
ABSL_FLAG(std::string, training_set, "", "A TMX file, English and Spanish.");

namespace keyward::mission {
namespace {

std::string Address(int offset) {
  return absl::StrCat("127.0.0.1:", absl::GetFlag(FLAGS_port_base) + offset);
}

void PrintGrpcurl(const std::string& pki) {
  const std::string call = absl::StrFormat(
      "grpcurl -cacert %s/ca.crt -cert %s/operator-admin.crt -key %s/operator-admin.key", pki, pki,
      pki);
  std::cout << "\nTo look around while the services run, as the operator \"admin\":\n"
            << "  export PATH=~/.cache/keyward/bin:$PATH    # where grpcurl is\n";
  auto print = [&](const std::string& data, int offset, const std::string& what) {
    std::cout << "  " << call << (data.empty() ? "" : absl::StrCat(" -d '", data, "'")) << " "
              << Address(offset) << " " << what << "\n";
  };
  print("", 20, "list");
  print("", 20, "describe keyward.keyvault.v1.KeyService");
  print(R"({"account":"accounts/contoso"})", 30,
        "keyward.encryption.v1.EncryptionSettingsService/GetEncryptionSettings");
  print(R"({"resource":"vaults/contoso-vault","page_size":5})", 20,
        "keyward.audit.v1.AuditService/ListAuditEntries");
  print(R"({"page_size":20})", 10, "keyward.events.v1.EventService/ListEvents");
  print("", 30, "keyward.events.v1.EventService/ListConsumers");
  print(R"({"parent":"accounts/contoso"})", 40,
        "keyward.deployment.v1.ReceiptService/ListReceipts");
}

int Main() {
  const std::string pki = absl::GetFlag(FLAGS_pki_dir);
  Endpoints endpoints;
  endpoints.managed_identity = Address(10);
  endpoints.key_vault = Address(20);
  endpoints.encryption = Address(30);
  endpoints.model_deployment = Address(40);
  endpoints.operator_tls = {pki + "/operator-admin.crt", pki + "/operator-admin.key",
                            pki + "/ca.crt"};
  Client client(endpoints);
  Transcript transcript([](const std::string& line) { std::cout << line << std::endl; });
  Story::Options options;
  options.training_set = absl::GetFlag(FLAGS_training_set);
  options.data_dir = absl::GetFlag(FLAGS_data_dir);
  Story story(client, transcript, options, "contoso");

  const absl::Time start = absl::Now();
  const absl::Status status = story.Play();
  if (!status.ok()) {
    std::cerr << "\nThe story failed: " << status << "\n";
    return 1;
  }
  std::cout << absl::StrFormat("\n✔ %d steps, %d checks, all true, in %.1f s\n", transcript.steps(),
                               transcript.checks(), absl::ToDoubleSeconds(absl::Now() - start));
  PrintGrpcurl(pki);
  return 0;
}

}  // namespace
}  // namespace keyward::mission

int main(int argc, char** argv) {
  // What gRPC has to say for itself, such as of a server that is not there yet, the story tells
  // better.
  gpr_set_log_function([](gpr_log_func_args*) {});
  absl::ParseCommandLine(argc, argv);
  return keyward::mission::Main();
}
