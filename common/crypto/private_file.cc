#include "common/crypto/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

// A file as errors name it.
struct File {
  absl::string_view what;
  const std::string& path;
  int fd;

  absl::Status Error(absl::string_view why) const {
    return absl::FailedPreconditionError(absl::StrCat(what, " ", path, ": ", why));
  }
  absl::Status SystemError(absl::string_view call) const {
    return Error(absl::StrCat(call, ": ", strerror(errno)));
  }
};

absl::Status CheckPrivate(const File& file) {
  struct stat info = {};
  if (fstat(file.fd, &info) != 0) return file.SystemError("fstat");
  if (!S_ISREG(info.st_mode)) return file.Error("not a regular file");
  if ((info.st_mode & kOthers) != 0) {
    return file.Error("group or others have access to it; set its mode to 0600");
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return file.Error("it belongs to another user; give it to the one this service runs as");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecretBytes> ReadPrivateFile(absl::string_view what, const std::string& path,
                                            size_t most) {
  const File file{what, path, open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("there is no ", what, " ", path));
  }
  if (file.fd < 0) return file.SystemError("open");
  const absl::Cleanup close_fd = [&] { close(file.fd); };
  KW_RETURN_IF_ERROR(CheckPrivate(file));
  SecretBytes content = SecretBytes::Zeroed(most);
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.fd, content.MutableSecret().data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file.SystemError("read");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  content.Truncate(size);
  return content;
}

}  // namespace keyward::crypto
