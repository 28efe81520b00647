#include "common/auth/spiffe_id.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace keyward::auth {
namespace {

constexpr size_t kMaxNameSize = 63;

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameSize &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

absl::StatusOr<Caller> CallerFromSpiffeId(absl::string_view spiffe_id,
                                          absl::string_view trust_domain) {
  absl::string_view rest = spiffe_id;
  if (!absl::ConsumePrefix(&rest, "spiffe://") || !absl::ConsumePrefix(&rest, trust_domain)) {
    return absl::InvalidArgumentError(
        absl::StrCat("SPIFFE ID '", spiffe_id, "' is not of the trust domain ", trust_domain));
  }
  Caller caller;
  caller.principal = std::string(spiffe_id);
  if (absl::ConsumePrefix(&rest, "/operator/")) {
    caller.kind = Caller::Kind::kOperator;
  } else if (absl::ConsumePrefix(&rest, "/service/")) {
    caller.kind = Caller::Kind::kService;
  } else if (absl::ConsumePrefix(&rest, "/workload/")) {
    caller.kind = Caller::Kind::kWorkload;
  } else {
    rest = "";
  }
  if (!IsName(rest)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "SPIFFE ID '", spiffe_id,
        "' is none of /service/{name}, /operator/{name} and /workload/{name} in ", trust_domain));
  }
  caller.name = std::string(rest);
  return caller;
}

std::string ServiceSpiffeId(absl::string_view trust_domain, absl::string_view service) {
  return absl::StrCat("spiffe://", trust_domain, "/service/", service);
}

}  // namespace keyward::auth
