#ifndef KEYWARD_COMMON_SERVER_FLAGS_H_
#define KEYWARD_COMMON_SERVER_FLAGS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/server/channel.h"

namespace keyward::server {

// How one server runs: what the flags that all four services share say. A plain value; tests fill
// it by hand. None of it is a secret.
struct ServerOptions {
  // --listen: host:port of the gRPC port.
  std::string listen = "127.0.0.1:0";
  // --metrics_listen: host:port of the Prometheus port, plain HTTP.
  std::string metrics_listen = "127.0.0.1:0";
  // --health_listen: host:port of the health-only port, plaintext gRPC. Loopback by default.
  std::string health_listen = "127.0.0.1:0";
  // --tls_certificate, --tls_private_key, --tls_ca.
  TlsFiles tls;
  // --trust_domain: of the SPIFFE IDs that are believed.
  std::string trust_domain = "keyward.local";
  // --database: "sqlite:<path>" or "postgresql:<connection string>".
  std::string database;
  // --root_key: where the service's root key is (root_key_places.h); or --root_key_file: a file.
  std::string root_key;
  std::string root_key_file;
  // --previous_root_keys: where the root keys are that the database was under before.
  std::vector<std::string> previous_root_keys;
  // --replica: which of the replicas that share the database; keeps its value over a restart.
  std::string replica = "0";
  // --managed_identity: host:port of the service that all others follow; empty for itself.
  std::string managed_identity;
  // --event_retention, --event_retention_bound: how long events are kept, once those that follow
  // have acknowledged them, and at most.
  absl::Duration event_retention = absl::InfiniteDuration();
  absl::Duration event_retention_bound = absl::InfiniteDuration();
  // --drain_timeout: how long calls in flight may take to finish after SIGTERM.
  absl::Duration drain_timeout = absl::Seconds(10);
  // --workers: handlers that run at the same time.
  int workers = 32;
  // --queue: calls that may wait for a worker; beyond that they are refused as OVERLOADED.
  int queue = 1024;
};

// Parses the command line; an unknown flag, an argument that is no flag, or a missing required one
// ends the process with exit code 1 and a message that says which.
ServerOptions ParseFlags(int argc, char** argv);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_FLAGS_H_
