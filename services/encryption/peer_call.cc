#include "services/encryption/peer_call.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/server/client_context.h"

namespace keyward::encryption {

absl::Status CallPeer(const server::CallContext& call, const std::string& token,
                      const std::function<grpc::Status(grpc::ClientContext*)>& rpc) {
  server::CallContext bounded = call;
  bounded.deadline = std::min(call.deadline, absl::Now() + kPeerTimeout);
  grpc::ClientContext context;
  server::Prepare(context, bounded, token);
  return FromGrpcStatus(rpc(&context));
}

}  // namespace keyward::encryption
