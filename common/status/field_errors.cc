#include "common/status/field_errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/error_details.h"
#include "google/rpc/error_details.pb.h"

namespace keyward {

void FieldErrors::Add(std::string field, std::string description) {
  if (errors_.size() < kMaxErrors) {
    errors_.emplace_back(std::move(field), std::move(description));
  } else {
    left_out_ = true;
  }
}

void FieldErrors::Check(const absl::Status& status) {
  if (status.ok()) return;
  const std::optional<google::rpc::Status> details = GetErrorDetails(status);
  bool named = false;
  if (details.has_value() && ErrorReason(status) == "INVALID_REQUEST") {
    for (const google::protobuf::Any& detail : details->details()) {
      google::rpc::BadRequest bad_request;
      if (!detail.UnpackTo(&bad_request)) continue;
      for (const auto& violation : bad_request.field_violations()) {
        Add(violation.field(), violation.description());
        named = true;
      }
    }
  }
  if (!named && other_.ok()) other_ = status;
}

absl::Status FieldErrors::ToStatus() const {
  if (!other_.ok() || errors_.empty()) return other_;
  const std::string message = absl::StrJoin(errors_, ". ", [](std::string* out, const auto& error) {
    absl::StrAppend(out, "Field '", error.first, "' ", error.second);
  });
  ErrorBuilder error(
      absl::StatusCode::kInvalidArgument, "INVALID_REQUEST",
      left_out_ ? absl::StrCat(message, ". More follow once these are mended") : message);
  for (const auto& [field, description] : errors_) error.BadField(field, description);
  return error;
}

}  // namespace keyward
