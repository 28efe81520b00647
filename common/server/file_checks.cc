#include "common/server/file_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status_macros.h"

namespace keyward::server {

absl::Status CheckReadable(absl::string_view flag, const std::string& path) {
  if (path.empty()) return absl::FailedPreconditionError(absl::StrCat("Set ", flag, "."));
  struct stat file;
  if (stat(path.c_str(), &file) != 0 || access(path.c_str(), R_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("Cannot read ", path, " (", flag, "): ", std::strerror(errno), "."));
  }
  if (!S_ISREG(file.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " (", flag, ") is no file."));
  }
  return absl::OkStatus();
}

absl::Status CheckPrivate(absl::string_view flag, const std::string& path) {
  KW_RETURN_IF_ERROR(CheckReadable(flag, path));
  struct stat file;
  if (stat(path.c_str(), &file) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("Cannot read ", path, " (", flag, ")."));
  }
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s (%s) has mode %04o, so that others than its owner can use it. Mend it "
                        "with: chmod 600 %s",
                        path, flag, file.st_mode & 07777, path));
  }
  return absl::OkStatus();
}

absl::Status CheckTlsFiles(const TlsFiles& files) {
  KW_RETURN_IF_ERROR(CheckReadable("--tls_certificate", files.certificate));
  KW_RETURN_IF_ERROR(CheckReadable("--tls_ca", files.ca));
  return CheckPrivate("--tls_private_key", files.private_key);
}

}  // namespace keyward::server
