#ifndef KEYWARD_COMMON_CRYPTO_PRIVATE_FILE_H_
#define KEYWARD_COMMON_CRYPTO_PRIVATE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// What a file with a secret holds, at most its first `most` bytes. `what` says in errors what the
// file is, such as "root key file". NOT_FOUND if there is none; FAILED_PRECONDITION, saying what to
// do, unless it is a regular file of this user or of root that group and others have no access to.
absl::StatusOr<SecretBytes> ReadPrivateFile(absl::string_view what, const std::string& path,
                                            size_t most);

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_PRIVATE_FILE_H_
