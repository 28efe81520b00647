#include "common/server/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"

namespace keyward::server {

absl::Status Overloaded() {
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                      "The server has too many requests at once. Nothing was done; try again.")
      .RetryAfter(absl::Milliseconds(200));
}

absl::Status DeadlinePassed() {
  return ErrorBuilder(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                      "The deadline passed before the request was looked at. Nothing was done.");
}

absl::Status UnknownContent(const std::vector<std::pair<std::string, std::string>>& violations) {
  std::string message = "The request holds what this server does not know:";
  for (const auto& [field, what] : violations) absl::StrAppend(&message, " '", field, "' ", what);
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", std::move(message));
  for (const auto& [field, what] : violations) error.BadField(field, what);
  return error;
}

absl::Status Internal(absl::string_view correlation_id) {
  return ErrorBuilder(
             absl::StatusCode::kInternal, "INTERNAL",
             absl::StrCat("The server failed. Its log holds the cause under the correlation "
                          "id ",
                          correlation_id, "."))
      .With("correlation_id", std::string(correlation_id));
}

absl::Status ToVisible(const absl::Status& status, absl::string_view correlation_id) {
  if (status.ok() || !ErrorReason(status).empty()) return status;
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return ErrorBuilder(status.code(), "CANCELLED", "The call was given up.");
    case absl::StatusCode::kDeadlineExceeded:
      return ErrorBuilder(status.code(), "DEADLINE_EXCEEDED",
                          "The deadline passed. What was asked for may still have happened.");
    case absl::StatusCode::kUnavailable:
      return ErrorBuilder(status.code(), "DEPENDENCY_UNAVAILABLE",
                          "The storage or a service below does not answer. Try again.")
          .With("correlation_id", std::string(correlation_id))
          .RetryAfter(absl::Seconds(1));
    default:
      return Internal(correlation_id);
  }
}

}  // namespace keyward::server
