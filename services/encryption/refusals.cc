#include "services/encryption/refusals.h"

#include <string>

#include "common/status/error.h"

namespace keyward::encryption {
namespace {

struct Refusal {
  absl::StatusCode code;
  const char* reason;
};

// Those of keyward/keyvault/v1/errors.proto that are about access; the list is closed.
constexpr Refusal kRefusals[] = {
    {absl::StatusCode::kPermissionDenied, "FORBIDDEN_BY_POLICY"},
    {absl::StatusCode::kFailedPrecondition, "VAULT_DELETED"},
    {absl::StatusCode::kFailedPrecondition, "KEY_DELETED"},
    {absl::StatusCode::kFailedPrecondition, "KEY_DISABLED"},
    {absl::StatusCode::kFailedPrecondition, "OPERATION_NOT_PERMITTED"},
    {absl::StatusCode::kNotFound, "VAULT_NOT_FOUND"},
    {absl::StatusCode::kNotFound, "KEY_NOT_FOUND"},
    {absl::StatusCode::kNotFound, "KEY_VERSION_NOT_FOUND"},
};

constexpr const char* kCodeNames[] = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

}  // namespace

bool IsAuthoritativeRefusal(const absl::Status& status) {
  // Empty also if the reason is of another domain than ours.
  const std::string reason = ErrorReason(status);
  for (const Refusal& refusal : kRefusals) {
    if (status.code() == refusal.code && reason == refusal.reason) return true;
  }
  return false;
}

const char* CodeName(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < std::size(kCodeNames) ? kCodeNames[index] : "UNKNOWN";
}

}  // namespace keyward::encryption
