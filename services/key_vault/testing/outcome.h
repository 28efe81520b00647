#ifndef KEYWARD_SERVICES_KEY_VAULT_TESTING_OUTCOME_H_
#define KEYWARD_SERVICES_KEY_VAULT_TESTING_OUTCOME_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::key_vault::testing {

// An error reduced to what programs may rely on: the code, and as its message the reason, followed
// by the types of the violations of google.rpc.PreconditionFailure in their order, such as
// "KEY_DISABLED (KEY_DISABLED KEY_EXPIRED)". OK stays OK.
absl::Status OutcomeOf(const absl::Status& status);

// Such an error, from its parts.
absl::Status Refusal(absl::StatusCode code, absl::string_view reason,
                     const std::vector<std::string>& violations = {});

// INVALID_ARGUMENT.
absl::Status InvalidRequest();

// FAILED_PRECONDITION for these reasons, the first of which is the reason.
absl::Status Unmet(const std::vector<std::string>& reasons);

}  // namespace keyward::key_vault::testing

#endif  // KEYWARD_SERVICES_KEY_VAULT_TESTING_OUTCOME_H_
