#include "common/status/error_details.h"

#include <string>

#include "absl/strings/cord.h"

namespace keyward {
namespace {

constexpr char kPayloadType[] = "type.googleapis.com/google.rpc.Status";

}  // namespace

std::optional<google::rpc::Status> GetErrorDetails(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayloadType);
  if (!payload) return std::nullopt;
  google::rpc::Status details;
  if (!details.ParseFromString(std::string(*payload))) return std::nullopt;
  return details;
}

void SetErrorDetails(absl::Status& status, const google::rpc::Status& details) {
  status.SetPayload(kPayloadType, absl::Cord(details.SerializeAsString()));
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status message = GetErrorDetails(status).value_or(google::rpc::Status());
  message.set_code(static_cast<int>(status.code()));
  message.set_message(std::string(status.message()));
  return message;
}

}  // namespace keyward
