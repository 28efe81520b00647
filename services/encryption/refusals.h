#ifndef KEYWARD_SERVICES_ENCRYPTION_REFUSALS_H_
#define KEYWARD_SERVICES_ENCRYPTION_REFUSALS_H_

#include "absl/status/status.h"

namespace keyward::encryption {

// Whether key_vault itself has said, with one of its own reasons, that this identity must not, or
// nobody can, unwrap with this key. Only such an answer, confirmed, may count as a loss. All else
// (no answer, a timeout, throttling, trouble with certificates or tokens, internal errors, and
// codes without our reasons, which any proxy could send) says nothing about access.
bool IsAuthoritativeRefusal(const absl::Status& status);

// The name of a status code as gRPC spells it, such as "UNAVAILABLE".
const char* CodeName(absl::StatusCode code);

}  // namespace keyward::encryption

#endif  // KEYWARD_SERVICES_ENCRYPTION_REFUSALS_H_
