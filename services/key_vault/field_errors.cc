#include "services/key_vault/field_errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"

namespace keyward::key_vault {

void FieldErrors::Add(std::string field, std::string description) {
  errors_.emplace_back(std::move(field), std::move(description));
}

absl::Status FieldErrors::ToStatus() const {
  if (errors_.empty()) return absl::OkStatus();
  const std::string message = absl::StrJoin(errors_, ". ", [](std::string* out, const auto& error) {
    absl::StrAppend(out, "Field '", error.first, "' ", error.second);
  });
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", message);
  for (const auto& [field, description] : errors_) error.BadField(field, description);
  return error;
}

}  // namespace keyward::key_vault
