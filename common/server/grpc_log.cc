#include "common/server/grpc_log.h"

#include <grpc/support/log.h>

#include "absl/strings/match.h"
#include "common/server/log.h"

namespace keyward::server {
namespace {

void LogForGrpc(gpr_log_func_args* args) {
  // Said for each connection to an address; peers are known by their SPIFFE IDs, not by server
  // names.
  if (absl::StartsWith(args->message, "No match found for server name")) return;
  Log(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kWarning : Severity::kInfo, "grpc",
      {{"message", args->message}, {"file", args->file}, {"line", args->line}});
}

}  // namespace

void RouteGrpcLog() { gpr_set_log_function(&LogForGrpc); }

}  // namespace keyward::server
