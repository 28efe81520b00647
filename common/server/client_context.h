#ifndef KEYWARD_COMMON_SERVER_CLIENT_CONTEXT_H_
#define KEYWARD_COMMON_SERVER_CLIENT_CONTEXT_H_

#include <grpcpp/client_context.h>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"

namespace keyward::server {

// Metadata keys, in lower case as gRPC has them.
inline constexpr char kCorrelationIdMetadata[] = "x-correlation-id";
inline constexpr char kAuthorizationMetadata[] = "authorization";

// Makes a call to another service part of the call being served: its deadline and its correlation
// id go along. `bearer_token`, if not empty, makes the call that identity's.
void Prepare(grpc::ClientContext& context, const CallContext& call,
             absl::string_view bearer_token = "");

// The same for a call that no request caused, such as background work. `timeout` counts from now.
void Prepare(grpc::ClientContext& context, absl::string_view correlation_id, absl::Duration timeout,
             absl::string_view bearer_token = "");

// A new correlation id: 32 hex digits, the first 12 of which are the time in milliseconds, as in a
// UUID of version 7 (RFC 9562), so that those of one moment lie together in an index.
std::string NewCorrelationId();

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_CLIENT_CONTEXT_H_
