#include "common/status/grpc_status.h"

#include <optional>
#include <string>

#include "common/status/error_details.h"
#include "google/rpc/status.pb.h"

namespace keyward {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message(status.message());
  std::optional<google::rpc::Status> details = GetErrorDetails(status);
  if (!details) return grpc::Status(code, message);
  details->set_code(static_cast<int>(status.code()));
  details->set_message(message);
  return grpc::Status(code, message, details->SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status converted(static_cast<absl::StatusCode>(status.error_code()),
                         status.error_message());
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    details.clear_code();
    details.clear_message();
    SetErrorDetails(converted, details);
  }
  return converted;
}

}  // namespace keyward
