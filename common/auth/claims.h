#ifndef KEYWARD_COMMON_AUTH_CLAIMS_H_
#define KEYWARD_COMMON_AUTH_CLAIMS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace keyward::auth {

// Single claims of a JWT's payload (RFC 7519). INVALID_ARGUMENT naming the claim if it is missing
// or not of the type.

// A string that is not empty.
absl::StatusOr<std::string> StringClaim(const nlohmann::json& claims, const char* name);

// A NumericDate, which may have fractions, up to the year 9999.
absl::StatusOr<absl::Time> TimeClaim(const nlohmann::json& claims, const char* name);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_CLAIMS_H_
