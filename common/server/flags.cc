#include "common/server/flags.h"

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

ABSL_FLAG(std::string, listen, "", "Required. host:port of the gRPC port, mutual TLS.");
ABSL_FLAG(std::string, metrics_listen, "127.0.0.1:0",
          "host:port of the Prometheus port, plain HTTP. Port 0: any.");
ABSL_FLAG(std::string, health_listen, "127.0.0.1:0",
          "host:port of the plaintext port for probes, health only. Port 0: any.");
ABSL_FLAG(
    std::string, tls_certificate, "",
    "Required. PEM file: the server's certificate chain, with its SPIFFE ID as URI name. Read "
    "again when it changes.");
ABSL_FLAG(std::string, tls_private_key, "",
          "Required. PEM file: the certificate's key, mode 0600. Read again when it changes.");
ABSL_FLAG(std::string, tls_ca, "",
          "Required. PEM file: the authority of all certificates. Read again when it changes.");
ABSL_FLAG(std::string, trust_domain, "keyward.local", "The trust domain of the SPIFFE IDs.");
ABSL_FLAG(std::string, database, "",
          "Required. sqlite:/path/to/file.db, or postgresql://user@host:port/name.");
ABSL_FLAG(std::string, root_key, "",
          "Where the service's root key is: file:/path/to/file (mode 0600), or a key in a token, "
          "pkcs11:token=LABEL;object=LABEL?module-path=/path/to/module.so&"
          "pin-source=file:/path/to/pin. Made at the very first start.");
ABSL_FLAG(std::vector<std::string>, previous_root_keys, {},
          "Where root keys are, as for --root_key and separated by commas, that --root_key takes "
          "the place of. Everything is sealed anew while the server runs.");
ABSL_FLAG(std::string, root_key_file, "", "The same as --root_key=file:… with this path.");
ABSL_FLAG(std::string, replica, "0",
          "Which of the servers that share the database this is; the same after a restart.");
ABSL_FLAG(std::string, managed_identity, "",
          "host:port of managed_identity. Required by all services but itself.");
ABSL_FLAG(
    absl::Duration, event_retention, absl::InfiniteDuration(),
    "How long events are kept, and until whoever follows has acknowledged them. A service that "
    "begins to follow later needs them all. inf: for ever.");
ABSL_FLAG(absl::Duration, event_retention_bound, absl::InfiniteDuration(),
          "How long events are kept at most; a service that has not followed for so long stands "
          "still. inf: for ever.");
ABSL_FLAG(absl::Duration, drain_timeout, absl::Seconds(10),
          "How long calls in flight may take to finish after SIGTERM.");
ABSL_FLAG(int, workers, 32,
          "Handlers of one gRPC service that run at the same time; fewer where they keep the cores "
          "busy.");
ABSL_FLAG(int, queue, 1024,
          "Calls of one gRPC service that may wait for a worker; more are refused.");

namespace keyward::server {
namespace {

[[noreturn]] void Refuse(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(EXIT_FAILURE);
}

void Require(const char* name, const std::string& value) {
  if (value.empty()) Refuse(absl::StrCat("Set --", name, ". --help tells of all flags."));
}

}  // namespace

ServerOptions ParseFlags(int argc, char** argv) {
  absl::SetProgramUsageMessage("A server of Keyward. Flags are listed below.");
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    Refuse(absl::StrCat("These are no flags: ", absl::StrJoin(rest.begin() + 1, rest.end(), " ")));
  }
  ServerOptions options{
      .listen = absl::GetFlag(FLAGS_listen),
      .metrics_listen = absl::GetFlag(FLAGS_metrics_listen),
      .health_listen = absl::GetFlag(FLAGS_health_listen),
      .tls = {.certificate = absl::GetFlag(FLAGS_tls_certificate),
              .private_key = absl::GetFlag(FLAGS_tls_private_key),
              .ca = absl::GetFlag(FLAGS_tls_ca)},
      .trust_domain = absl::GetFlag(FLAGS_trust_domain),
      .database = absl::GetFlag(FLAGS_database),
      .root_key = absl::GetFlag(FLAGS_root_key),
      .root_key_file = absl::GetFlag(FLAGS_root_key_file),
      .previous_root_keys = absl::GetFlag(FLAGS_previous_root_keys),
      .replica = absl::GetFlag(FLAGS_replica),
      .managed_identity = absl::GetFlag(FLAGS_managed_identity),
      .event_retention = absl::GetFlag(FLAGS_event_retention),
      .event_retention_bound = absl::GetFlag(FLAGS_event_retention_bound),
      .drain_timeout = absl::GetFlag(FLAGS_drain_timeout),
      .workers = absl::GetFlag(FLAGS_workers),
      .queue = absl::GetFlag(FLAGS_queue),
  };
  Require("listen", options.listen);
  Require("tls_certificate", options.tls.certificate);
  Require("tls_private_key", options.tls.private_key);
  Require("tls_ca", options.tls.ca);
  Require("trust_domain", options.trust_domain);
  Require("database", options.database);
  if (options.workers < 1 || options.queue < 1) Refuse("--workers and --queue must be at least 1.");
  return options;
}

}  // namespace keyward::server
