#ifndef KEYWARD_COMMON_STATUS_ERROR_DETAILS_H_
#define KEYWARD_COMMON_STATUS_ERROR_DETAILS_H_

#include <optional>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace keyward {

// How google.rpc details travel inside absl::Status: as one payload that holds a google.rpc.Status
// of which only `details` counts. Errors are made with error.h.

// The details; nothing if the status carries none.
std::optional<google::rpc::Status> GetErrorDetails(const absl::Status& status);

// Replaces the details. Does nothing to an OK status.
void SetErrorDetails(absl::Status& status, const google::rpc::Status& details);

// The same error as a message, for answers that tell of several outcomes.
google::rpc::Status ToRpcStatus(const absl::Status& status);

}  // namespace keyward

#endif  // KEYWARD_COMMON_STATUS_ERROR_DETAILS_H_
