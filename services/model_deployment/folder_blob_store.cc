#include "services/model_deployment/folder_blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/status/status_macros.h"
#include "common/storage/fault_point.h"
#include "services/model_deployment/file_descriptor.h"

namespace keyward::model_deployment {

namespace {

constexpr size_t kNameBytes = 16;
constexpr char kNewFolder[] = "new";

absl::Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return ErrnoStatus("make a blob folder");
}

// Makes what has happened in a folder durable.
absl::Status SyncFolder(const std::string& path) {
  FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || fsync(folder.get()) != 0) return ErrnoStatus("sync a blob folder");
  return absl::OkStatus();
}

bool IsBlobName(absl::string_view name) {
  if (name.size() != 2 * kNameBytes) return false;
  for (char c : name) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

std::vector<std::string> FilesIn(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (folder == nullptr) return names;
  while (dirent* entry = readdir(folder.get())) {
    if (IsBlobName(entry->d_name)) names.emplace_back(entry->d_name);
  }
  return names;
}

// Whether nobody writes the file: its lock can be had. The lock is in `file` then.
bool IsAbandoned(const std::string& path, FileDescriptor& file) {
  file = FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() && flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

class FileWriter final : public BlobWriter {
 public:
  FileWriter(const std::string& folder, std::string blob, FileDescriptor file)
      : folder_(folder), blob_(std::move(blob)), file_(std::move(file)) {}

  ~FileWriter() override {
    if (kept_) return;
    // Under whichever of its two names it is; what fails here, the next sweep does.
    unlink(TemporaryPath().c_str());
    if (published_) {
      unlink(FinalPath().c_str());
      SyncFolder(FinalFolder()).IgnoreError();
    }
  }

  absl::Status Append(absl::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t size = write(file_.get(), bytes.data(), bytes.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return ErrnoStatus("write a blob");
      bytes.remove_prefix(static_cast<size_t>(size));
    }
    return absl::OkStatus();
  }

  absl::Status Publish() override {
    KW_FAULT_POINT("blob.before_sync");
    if (fsync(file_.get()) != 0) return ErrnoStatus("sync a blob");
    KW_RETURN_IF_ERROR(MakeFolder(FinalFolder()));
    KW_RETURN_IF_ERROR(SyncFolder(folder_));
    KW_FAULT_POINT("blob.before_rename");
    published_ = true;
    if (rename(TemporaryPath().c_str(), FinalPath().c_str()) != 0) {
      return ErrnoStatus("publish a blob");
    }
    KW_RETURN_IF_ERROR(SyncFolder(FinalFolder()));
    KW_FAULT_POINT("blob.after_rename");
    return absl::OkStatus();
  }

  void Keep() override { kept_ = true; }

  const std::string& blob() const override { return blob_; }

 private:
  std::string TemporaryPath() const { return absl::StrCat(folder_, "/", kNewFolder, "/", blob_); }
  std::string FinalFolder() const { return absl::StrCat(folder_, "/", blob_.substr(0, 2)); }
  std::string FinalPath() const { return absl::StrCat(FinalFolder(), "/", blob_); }

  const std::string folder_;
  const std::string blob_;
  const FileDescriptor file_;
  bool published_ = false;
  bool kept_ = false;
};

class FileReader final : public BlobReader {
 public:
  explicit FileReader(FileDescriptor file) : file_(std::move(file)) {}

  absl::StatusOr<std::string> Read(size_t size) override {
    std::string bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      ssize_t got = read(file_.get(), bytes.data() + done, size - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus("read a blob");
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  const FileDescriptor file_;
};

std::string PathOf(const std::string& folder, absl::string_view blob) {
  return absl::StrCat(folder, "/", blob.substr(0, 2), "/", blob);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderBlobStore>> FolderBlobStore::OpenFolder(
    const std::string& folder) {
  KW_RETURN_IF_ERROR(MakeFolder(folder));
  KW_RETURN_IF_ERROR(MakeFolder(absl::StrCat(folder, "/", kNewFolder)));
  KW_RETURN_IF_ERROR(SyncFolder(folder));
  return std::unique_ptr<FolderBlobStore>(new FolderBlobStore(folder));
}

absl::StatusOr<std::unique_ptr<BlobWriter>> FolderBlobStore::Create() {
  std::string blob = crypto::RandomHex(kNameBytes);
  std::string path = absl::StrCat(folder_, "/", kNewFolder, "/", blob);
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return ErrnoStatus("create a blob");
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    unlink(path.c_str());
    return ErrnoStatus("lock a new blob");
  }
  return std::make_unique<FileWriter>(folder_, std::move(blob), std::move(file));
}

absl::StatusOr<std::unique_ptr<BlobReader>> FolderBlobStore::Open(absl::string_view blob) {
  if (!IsBlobName(blob)) return absl::NotFoundError("no blob has such a name");
  FileDescriptor file(open(PathOf(folder_, blob).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return absl::NotFoundError("there is no such blob");
    return ErrnoStatus("open a blob");
  }
  return std::make_unique<FileReader>(std::move(file));
}

absl::StatusOr<bool> FolderBlobStore::Exists(absl::string_view blob) {
  if (!IsBlobName(blob)) return false;
  if (access(PathOf(folder_, blob).c_str(), F_OK) == 0) return true;
  if (errno == ENOENT) return false;
  return ErrnoStatus("look for a blob");
}

absl::Status FolderBlobStore::Remove(absl::Span<const std::string> blobs) {
  std::set<std::string> folders;
  for (const std::string& blob : blobs) {
    if (!IsBlobName(blob)) continue;
    if (unlink(PathOf(folder_, blob).c_str()) != 0) {
      if (errno == ENOENT) continue;
      return ErrnoStatus("remove a blob");
    }
    folders.insert(absl::StrCat(folder_, "/", blob.substr(0, 2)));
  }
  for (const std::string& folder : folders) KW_RETURN_IF_ERROR(SyncFolder(folder));
  return absl::OkStatus();
}

absl::Status FolderBlobStore::Sweep(
    absl::FunctionRef<absl::StatusOr<bool>(const std::string&)> known) {
  FileDescriptor lock;
  std::string unfinished = absl::StrCat(folder_, "/", kNewFolder);
  for (const std::string& blob : FilesIn(unfinished)) {
    std::string path = absl::StrCat(unfinished, "/", blob);
    if (IsAbandoned(path, lock)) unlink(path.c_str());
  }
  for (int prefix = 0; prefix < 256; ++prefix) {
    std::string folder = absl::StrCat(folder_, "/", absl::Hex(prefix, absl::kZeroPad2));
    for (const std::string& blob : FilesIn(folder)) {
      std::string path = absl::StrCat(folder, "/", blob);
      if (!IsAbandoned(path, lock)) continue;
      // Asked only now: while the lock was not to be had, the row may have come.
      KW_ASSIGN_OR_RETURN(bool is_known, known(blob));
      if (is_known) continue;
      if (unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus("sweep a blob");
    }
  }
  return absl::OkStatus();
}

}  // namespace keyward::model_deployment
