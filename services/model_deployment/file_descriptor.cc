#include "services/model_deployment/file_descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace keyward::model_deployment {

namespace {

// Above those that a child is given (ProcessSpec::inherited), so that placing one there overwrites
// no other.
constexpr int kLowestDescriptor = 64;

absl::StatusOr<FileDescriptor> MoveUp(FileDescriptor low) {
  FileDescriptor high(fcntl(low.get(), F_DUPFD_CLOEXEC, kLowestDescriptor));
  if (!high.is_open()) return ErrnoStatus("duplicate a descriptor");
  return high;
}

}  // namespace

void FileDescriptor::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus("make a pipe");
  FileDescriptor low_read(ends[0]);
  FileDescriptor low_write(ends[1]);
  absl::StatusOr<FileDescriptor> read = MoveUp(std::move(low_read));
  absl::StatusOr<FileDescriptor> write = MoveUp(std::move(low_write));
  if (!read.ok()) return read.status();
  if (!write.ok()) return write.status();
  return Pipe{*std::move(read), *std::move(write)};
}

absl::StatusOr<FileDescriptor> MakeMemoryFile() {
  FileDescriptor low(memfd_create("keyward", MFD_CLOEXEC));
  if (!low.is_open()) return ErrnoStatus("make a memory file");
  return MoveUp(std::move(low));
}

void SetNonBlocking(const FileDescriptor& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

absl::Status ErrnoStatus(absl::string_view what) {
  absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what));
  return absl::UnavailableError(status.message());
}

}  // namespace keyward::model_deployment
