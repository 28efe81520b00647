#include "services/key_vault/testing/outcome.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace keyward::key_vault::testing {

absl::Status OutcomeOf(const absl::Status& status) {
  if (status.ok()) return status;
  google::rpc::Status wire;
  wire.ParseFromString(ToGrpcStatus(status).error_details());
  std::vector<std::string> violations;
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::PreconditionFailure failure;
    if (!detail.Is<google::rpc::PreconditionFailure>() || !detail.UnpackTo(&failure)) continue;
    for (const auto& violation : failure.violations()) violations.push_back(violation.type());
  }
  const std::string reason = ErrorReason(status);
  // An error that no caller may see keeps its text, for whoever mends it.
  return Refusal(status.code(), reason.empty() ? status.ToString() : reason, violations);
}

absl::Status Refusal(absl::StatusCode code, absl::string_view reason,
                     const std::vector<std::string>& violations) {
  if (violations.empty()) return absl::Status(code, reason);
  return absl::Status(code, absl::StrCat(reason, " (", absl::StrJoin(violations, " "), ")"));
}

absl::Status InvalidRequest() {
  return Refusal(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
}

absl::Status Unmet(const std::vector<std::string>& reasons) {
  return Refusal(absl::StatusCode::kFailedPrecondition, reasons.front(), reasons);
}

}  // namespace keyward::key_vault::testing
