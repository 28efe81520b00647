#ifndef KEYWARD_COMMON_AUTH_SPIFFE_ID_H_
#define KEYWARD_COMMON_AUTH_SPIFFE_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/caller.h"

namespace keyward::auth {

// The caller whose certificate holds `spiffe_id`: an operator for
// "spiffe://{trust_domain}/operator/{name}", a service for
// "spiffe://{trust_domain}/service/{name}", a workload for
// "spiffe://{trust_domain}/workload/{name}", with a name of 1-63 of [0-9A-Za-z._-]. All else is
// INVALID_ARGUMENT, whose message is for the log.
absl::StatusOr<Caller> CallerFromSpiffeId(absl::string_view spiffe_id,
                                          absl::string_view trust_domain);

// The SPIFFE ID of a service, such as "spiffe://keyward.local/service/key_vault".
std::string ServiceSpiffeId(absl::string_view trust_domain, absl::string_view service);

}  // namespace keyward::auth

#endif  // KEYWARD_COMMON_AUTH_SPIFFE_ID_H_
