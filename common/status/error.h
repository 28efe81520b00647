#ifndef KEYWARD_COMMON_STATUS_ERROR_H_
#define KEYWARD_COMMON_STATUS_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward {

// The domain of every google.rpc.ErrorInfo that leaves a server of Keyward.
inline constexpr char kErrorDomain[] = "keyward";

// Makes an error as callers read it: a code, a message for people, and a reason for programs that
// stands in google.rpc.ErrorInfo, with further google.rpc details where they fit. The details
// travel inside absl::Status and reach the wire unchanged (grpc_status.h). A value; not
// thread-safe. Only the errors.h of a service or of a common library builds errors with it.
class ErrorBuilder {
 public:
  // `reason` is the name of a Reason enum value without "REASON_"; `message` says what is wrong, on
  // which resource, and what to do. It must hold no secret.
  ErrorBuilder(absl::StatusCode code, absl::string_view reason, std::string message);

  // Adds to ErrorInfo.metadata, such as "resource".
  ErrorBuilder& With(std::string key, std::string value);
  // Adds a violation to google.rpc.PreconditionFailure.
  ErrorBuilder& Violation(std::string type, std::string subject, std::string description);
  // Adds a violation to google.rpc.BadRequest; `field` is its path in the request.
  ErrorBuilder& BadField(std::string field, std::string description);
  // Adds google.rpc.RetryInfo.
  ErrorBuilder& RetryAfter(absl::Duration delay);

  // The error.
  absl::Status Build() const;
  operator absl::Status() const { return Build(); }

 private:
  struct PreconditionViolation {
    std::string type, subject, description;
  };

  absl::StatusCode code_;
  std::string reason_;
  std::string message_;
  std::map<std::string, std::string> metadata_;
  std::vector<PreconditionViolation> violations_;
  std::vector<std::pair<std::string, std::string>> bad_fields_;
  std::optional<absl::Duration> retry_delay_;
};

// INVALID_ARGUMENT, reason INVALID_REQUEST: one field of the request is wrong.
absl::Status InvalidField(absl::string_view field, absl::string_view description);

// The reason in the error's ErrorInfo; empty if it has none, or none of Keyward's.
std::string ErrorReason(const absl::Status& status);

// A value of the error's ErrorInfo.metadata; empty if it is not there.
std::string ErrorMetadata(const absl::Status& status, absl::string_view key);

// The same error with one more entry in its ErrorInfo.metadata; unchanged if it has no ErrorInfo of
// Keyward.
absl::Status WithErrorMetadata(const absl::Status& status, absl::string_view key,
                               absl::string_view value);

}  // namespace keyward

#endif  // KEYWARD_COMMON_STATUS_ERROR_H_
