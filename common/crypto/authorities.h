#ifndef KEYWARD_COMMON_CRYPTO_AUTHORITIES_H_
#define KEYWARD_COMMON_CRYPTO_AUTHORITIES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace keyward::crypto {

// Whether PEM text says whose certificates to believe: one certificate or more, each of an
// authority and not expired at `now`; text around them does not count. INVALID_ARGUMENT otherwise,
// in words that follow the name of a field and say what is wrong with which.
absl::Status CheckAuthorities(absl::string_view pem, absl::Time now);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_AUTHORITIES_H_
