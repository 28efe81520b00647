#ifndef KEYWARD_COMMON_STATUS_GRPC_STATUS_H_
#define KEYWARD_COMMON_STATUS_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace keyward {

// The same error for gRPC: code, message, and the details of error.h as grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The same error as it came over gRPC; the inverse of ToGrpcStatus. Details that do not parse are
// left out.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace keyward

#endif  // KEYWARD_COMMON_STATUS_GRPC_STATUS_H_
