#ifndef KEYWARD_SERVICES_MANAGED_IDENTITY_BOOTSTRAP_H_
#define KEYWARD_SERVICES_MANAGED_IDENTITY_BOOTSTRAP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/managed_identity/changes.h"

namespace keyward::managed_identity {

// How the first administrator got in.
struct BootstrapResult {
  // Who it is; empty as long as nobody was named.
  std::string administrator;
  // Whether this call made the assignment.
  bool made = false;
  // Whether another was named now, in vain.
  bool ignored = false;
};

// Makes the operator with this SPIFFE ID administrator of "/", once in the life of the database: a
// fresh installation has exactly one way in, and a flag changed later is none. An empty `spiffe_id`
// changes nothing. INVALID_ARGUMENT unless it is an operator's of the trust domain.
absl::StatusOr<BootstrapResult> BootstrapAdministrator(const Changes& changes,
                                                       const std::string& spiffe_id,
                                                       absl::string_view trust_domain);

}  // namespace keyward::managed_identity

#endif  // KEYWARD_SERVICES_MANAGED_IDENTITY_BOOTSTRAP_H_
