#ifndef KEYWARD_COMMON_HSM_ERRORS_H_
#define KEYWARD_COMMON_HSM_ERRORS_H_

#include <p11-kit/pkcs11.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace keyward::hsm {

// The name of what a call of the module returned, such as "CKR_DEVICE_REMOVED".
std::string ToString(CK_RV result);

// Whether a call failed because the token, the session or the login is gone, or may be: worth
// connecting anew.
bool MayBeLost(CK_RV result);

// UNAVAILABLE, reason DEPENDENCY_UNAVAILABLE: the token does not answer as it should.
absl::Status TokenUnavailable(const std::string& token, absl::string_view why);

// FAILED_PRECONDITION: the token cannot do what is asked of it, as it is set up.
absl::Status TokenRefuses(const std::string& token, absl::string_view why);

}  // namespace keyward::hsm

#endif  // KEYWARD_COMMON_HSM_ERRORS_H_
