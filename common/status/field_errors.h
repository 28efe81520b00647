#ifndef KEYWARD_COMMON_STATUS_FIELD_ERRORS_H_
#define KEYWARD_COMMON_STATUS_FIELD_ERRORS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyward {

// Collects what is wrong with the fields of a request, so that the caller learns all of it at once,
// or the first kMaxErrors of it: what a caller can make long costs nobody memory.
// Not thread-safe.
class FieldErrors {
 public:
  static constexpr size_t kMaxErrors = 20;

  // `description` continues "Field '<field>' ", such as "must be …".
  void Add(std::string field, std::string description);

  // The value; without one, its error is noted for the field.
  template <typename T>
  std::optional<T> Take(const std::string& field, absl::StatusOr<T> value) {
    if (value.ok()) return *std::move(value);
    Add(field, std::string(value.status().message()));
    return std::nullopt;
  }

  // Notes the fields that an error of InvalidField (error.h) names. Any other error is what
  // ToStatus returns in the end.
  void Check(const absl::Status& status);

  bool empty() const { return errors_.empty() && other_.ok(); }

  // OK if nothing is wrong, else INVALID_ARGUMENT, reason INVALID_REQUEST, with a field violation
  // for each error.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> errors_;
  bool left_out_ = false;
  // The first error that was not about fields.
  absl::Status other_;
};

}  // namespace keyward

#endif  // KEYWARD_COMMON_STATUS_FIELD_ERRORS_H_
