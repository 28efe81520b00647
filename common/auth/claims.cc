#include "common/auth/claims.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace keyward::auth {
namespace {

// 9999-12-31; keeps arithmetic on times far from overflow.
constexpr double kLatestSecond = 253402300799.0;

}  // namespace

absl::StatusOr<std::string> StringClaim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string() ||
      found->get_ref<const std::string&>().empty()) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is missing or no string"));
  }
  return found->get<std::string>();
}

// Doubles hold microseconds of this age exactly.
absl::StatusOr<absl::Time> TimeClaim(const nlohmann::json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is missing or no number"));
  }
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLatestSecond)) {
    return absl::InvalidArgumentError(absl::StrCat("claim '", name, "' is no time"));
  }
  return absl::FromUnixMicros(std::llround(seconds * 1e6));
}

}  // namespace keyward::auth
