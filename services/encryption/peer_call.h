#ifndef KEYWARD_SERVICES_ENCRYPTION_PEER_CALL_H_
#define KEYWARD_SERVICES_ENCRYPTION_PEER_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/call_context.h"
#include "common/status/grpc_status.h"

namespace keyward::encryption {

// The longest that a call to another service may take.
inline constexpr absl::Duration kPeerTimeout = absl::Seconds(2);

// Makes one call to another service as part of `call`: its correlation id goes along, and its
// deadline if that is sooner than kPeerTimeout from now. `rpc` is given the context to use, with
// `token`, if not empty, as bearer token.
absl::Status CallPeer(const server::CallContext& call, const std::string& token,
                      const std::function<grpc::Status(grpc::ClientContext*)>& rpc);

// The same for a method of a stub.
template <typename Response, typename Stub, typename Request>
absl::StatusOr<Response> CallPeer(const server::CallContext& call, const std::string& token,
                                  Stub& stub,
                                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  const Request& request) {
  Response response;
  const absl::Status status = CallPeer(call, token, [&](grpc::ClientContext* context) {
    return (stub.*method)(context, request, &response);
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_PEER_CALL_H_
