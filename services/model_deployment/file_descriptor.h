#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_FILE_DESCRIPTOR_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_FILE_DESCRIPTOR_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace keyward::model_deployment {

// An open file descriptor, closed when this goes. Thread-compatible.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

// A pipe; both ends close on exec. UNAVAILABLE when descriptors have run out.
absl::StatusOr<Pipe> MakePipe();

// An empty file in memory that has no name anywhere, closed on exec. UNAVAILABLE as above.
absl::StatusOr<FileDescriptor> MakeMemoryFile();

// Sets O_NONBLOCK.
void SetNonBlocking(const FileDescriptor& fd);

// UNAVAILABLE, with what errno says; `what` such as "open blob".
absl::Status ErrnoStatus(absl::string_view what);

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_FILE_DESCRIPTOR_H_
