#ifndef KEYWARD_COMMON_SERVER_ROOT_KEY_PLACES_H_
#define KEYWARD_COMMON_SERVER_ROOT_KEY_PLACES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/root_key_provider.h"

namespace keyward::server {

// The place that a flag names: "file:/path/to/file", or a PKCS #11 URI (hsm/token_uri.h) with an
// object. For a token, connects to it. FAILED_PRECONDITION, naming the flag and what to do, if it
// is neither or cannot be used; UNAVAILABLE if there is no such token at the moment.
absl::StatusOr<std::unique_ptr<crypto::RootKeyProvider>> OpenRootKeyPlace(absl::string_view flag,
                                                                          absl::string_view place);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_ROOT_KEY_PLACES_H_
