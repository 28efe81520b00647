#ifndef KEYWARD_COMMON_SERVER_ERRORS_H_
#define KEYWARD_COMMON_SERVER_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::server {

// The errors that a server itself gives, whatever the method; reasons are those of
// protos/keyward/auth/v1/errors.proto.

// RESOURCE_EXHAUSTED, with RetryInfo.
absl::Status Overloaded();

// DEADLINE_EXCEEDED, before the handler ran.
absl::Status DeadlinePassed();

// INVALID_ARGUMENT: fields, by path, with what is wrong with each.
absl::Status UnknownContent(const std::vector<std::pair<std::string, std::string>>& violations);

// INTERNAL: says nothing but where to look.
absl::Status Internal(absl::string_view correlation_id);

// What a caller may see of an error. One with a reason stays as it is; CANCELLED, DEADLINE_EXCEEDED
// and UNAVAILABLE keep their code and get a reason, and a message that tells nothing; all else is
// Internal.
absl::Status ToVisible(const absl::Status& status, absl::string_view correlation_id);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_ERRORS_H_
