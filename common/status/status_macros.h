#ifndef KEYWARD_COMMON_STATUS_STATUS_MACROS_H_
#define KEYWARD_COMMON_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status of `expr` from the calling function unless it is OK. The calling function
// must return absl::Status or absl::StatusOr<T>. `expr` is evaluated once.
#define KW_RETURN_IF_ERROR(expr)                                                    \
  do {                                                                              \
    if (::absl::Status kw_status_ = (expr); ABSL_PREDICT_FALSE(!kw_status_.ok())) { \
      return kw_status_;                                                            \
    }                                                                               \
  } while (false)

// Evaluates an absl::StatusOr<T> expression once; on success moves its value into `lhs`, which may
// declare a variable; otherwise returns its status from the calling function. A declared type may
// not contain a comma: use `auto`.
#define KW_ASSIGN_OR_RETURN(lhs, ...) \
  KW_INTERNAL_ASSIGN_OR_RETURN_(KW_INTERNAL_CONCAT_(kw_status_or_, __LINE__), lhs, (__VA_ARGS__))

#define KW_INTERNAL_ASSIGN_OR_RETURN_(result, lhs, expr) \
  auto result = expr;                                    \
  if (ABSL_PREDICT_FALSE(!result.ok())) {                \
    return std::move(result).status();                   \
  }                                                      \
  lhs = *std::move(result)

#define KW_INTERNAL_CONCAT_(a, b) KW_INTERNAL_CONCAT_INNER_(a, b)
#define KW_INTERNAL_CONCAT_INNER_(a, b) a##b

#endif  // KEYWARD_COMMON_STATUS_STATUS_MACROS_H_
