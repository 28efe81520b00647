#ifndef KEYWARD_COMMON_SERVER_FILE_CHECKS_H_
#define KEYWARD_COMMON_SERVER_FILE_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/server/channel.h"

namespace keyward::server {

// OK if `path` is a file that this process can read. Otherwise FAILED_PRECONDITION, saying which
// flag names it and what to do; `flag` is such as "--tls_certificate".
absl::Status CheckReadable(absl::string_view flag, const std::string& path);

// The same, and neither the group nor others may do anything with the file.
absl::Status CheckPrivate(absl::string_view flag, const std::string& path);

// All three files of a server or a client.
absl::Status CheckTlsFiles(const TlsFiles& files);

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_FILE_CHECKS_H_
