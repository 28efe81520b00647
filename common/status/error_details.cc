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

}  // namespace keyward
