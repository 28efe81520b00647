#include "common/status/error.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/status/error_details.h"
#include "google/rpc/error_details.pb.h"

namespace keyward {
namespace {

std::optional<google::rpc::ErrorInfo> FindErrorInfo(const google::rpc::Status& details) {
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info) &&
        info.domain() == kErrorDomain)
      return info;
  }
  return std::nullopt;
}

std::optional<google::rpc::ErrorInfo> FindErrorInfo(const absl::Status& status) {
  std::optional<google::rpc::Status> details = GetErrorDetails(status);
  return details ? FindErrorInfo(*details) : std::nullopt;
}

}  // namespace

ErrorBuilder::ErrorBuilder(absl::StatusCode code, absl::string_view reason, std::string message)
    : code_(code), reason_(reason), message_(std::move(message)) {}

ErrorBuilder& ErrorBuilder::With(std::string key, std::string value) {
  metadata_[std::move(key)] = std::move(value);
  return *this;
}

ErrorBuilder& ErrorBuilder::Violation(std::string type, std::string subject,
                                      std::string description) {
  violations_.push_back({std::move(type), std::move(subject), std::move(description)});
  return *this;
}

ErrorBuilder& ErrorBuilder::BadField(std::string field, std::string description) {
  bad_fields_.emplace_back(std::move(field), std::move(description));
  return *this;
}

ErrorBuilder& ErrorBuilder::RetryAfter(absl::Duration delay) {
  retry_delay_ = delay;
  return *this;
}

absl::Status ErrorBuilder::Build() const {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason(reason_);
  info.set_domain(kErrorDomain);
  info.mutable_metadata()->insert(metadata_.begin(), metadata_.end());
  details.add_details()->PackFrom(info);
  if (!violations_.empty()) {
    google::rpc::PreconditionFailure failure;
    for (const PreconditionViolation& violation : violations_) {
      auto* added = failure.add_violations();
      added->set_type(violation.type);
      added->set_subject(violation.subject);
      added->set_description(violation.description);
    }
    details.add_details()->PackFrom(failure);
  }
  if (!bad_fields_.empty()) {
    google::rpc::BadRequest bad_request;
    for (const auto& [field, description] : bad_fields_) {
      auto* added = bad_request.add_field_violations();
      added->set_field(field);
      added->set_description(description);
    }
    details.add_details()->PackFrom(bad_request);
  }
  if (retry_delay_) {
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*retry_delay_);
    retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
    details.add_details()->PackFrom(retry);
  }
  absl::Status status(code_, message_);
  SetErrorDetails(status, details);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view description) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST",
                      absl::StrCat("Field '", field, "' ", description))
      .BadField(std::string(field), std::string(description));
}

std::string ErrorReason(const absl::Status& status) {
  std::optional<google::rpc::ErrorInfo> info = FindErrorInfo(status);
  return info ? info->reason() : "";
}

std::string ErrorMetadata(const absl::Status& status, absl::string_view key) {
  std::optional<google::rpc::ErrorInfo> info = FindErrorInfo(status);
  if (!info) return "";
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

absl::Status WithErrorMetadata(const absl::Status& status, absl::string_view key,
                               absl::string_view value) {
  std::optional<google::rpc::Status> details = GetErrorDetails(status);
  if (!details) return status;
  for (google::protobuf::Any& detail : *details->mutable_details()) {
    google::rpc::ErrorInfo info;
    if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info) ||
        info.domain() != kErrorDomain)
      continue;
    (*info.mutable_metadata())[std::string(key)] = std::string(value);
    detail.PackFrom(info);
    absl::Status changed(status.code(), status.message());
    SetErrorDetails(changed, *details);
    return changed;
  }
  return status;
}

}  // namespace keyward
