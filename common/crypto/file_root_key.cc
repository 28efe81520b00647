#include "common/crypto/file_root_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "common/crypto/aes_key.h"
#include "common/crypto/hkdf.h"
#include "common/crypto/private_file.h"
#include "common/crypto/random.h"
#include "common/crypto/secret_memory.h"
#include "common/status/status_macros.h"

namespace keyward::crypto {
namespace {

constexpr absl::string_view kWhat = "root key file";
constexpr absl::string_view kFilePrefix = "keyward-root-key-v1 ";
constexpr size_t kRootSize = 32;
constexpr size_t kFileSize = kFilePrefix.size() + 2 * kRootSize + 1;

constexpr char kSealVersion = 1;

absl::Status FileError(const std::string& path, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(kWhat, " ", path, ": ", what));
}

absl::Status SystemError(const std::string& path, absl::string_view call) {
  return FileError(path, absl::StrCat(call, ": ", strerror(errno)));
}

absl::Status WriteAll(const std::string& path, int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t put = write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return SystemError(path, "write");
    content.remove_prefix(static_cast<size_t>(put));
  }
  if (fsync(fd) != 0) return SystemError(path, "fsync");
  return absl::OkStatus();
}

// -1 for what is no lower-case hexadecimal digit. Without a table, whose lookups could be timed.
int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

absl::StatusOr<SecretBytes> ParseFile(const std::string& path, const SecretBytes& content) {
  absl::string_view digits = content.ExposeSecret();
  const absl::Status malformed =
      FileError(path, absl::StrCat("not a root key; it holds the line \"", kFilePrefix,
                                   "\" and 64 lower-case hexadecimal digits"));
  absl::ConsumeSuffix(&digits, "\n");
  if (!absl::ConsumePrefix(&digits, kFilePrefix) || digits.size() != 2 * kRootSize) {
    return malformed;
  }
  SecretBytes root = SecretBytes::Zeroed(kRootSize);
  for (size_t i = 0; i < kRootSize; ++i) {
    const int high = HexValue(digits[2 * i]);
    const int low = HexValue(digits[2 * i + 1]);
    if (high < 0 || low < 0) return malformed;
    root.MutableSecret()[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return root;
}

SecretBytes NewFileContent() {
  const SecretBytes root = SecretBytes::Random(kRootSize);
  SecretBytes content = SecretBytes::Zeroed(kFileSize);
  absl::Span<uint8_t> out = content.MutableSecret();
  std::memcpy(out.data(), kFilePrefix.data(), kFilePrefix.size());
  for (size_t i = 0; i < kRootSize; ++i) {
    const auto byte = static_cast<uint8_t>(root.ExposeSecret()[i]);
    out[kFilePrefix.size() + 2 * i] = static_cast<uint8_t>("0123456789abcdef"[byte >> 4]);
    out[kFilePrefix.size() + 2 * i + 1] = static_cast<uint8_t>("0123456789abcdef"[byte & 15]);
  }
  out[kFileSize - 1] = '\n';
  return content;
}

absl::Status SyncFolder(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(folder.string(), "open");
  const absl::Cleanup close_fd = [fd] { close(fd); };
  if (fsync(fd) != 0) return SystemError(folder.string(), "fsync");
  return absl::OkStatus();
}

// Written aside and linked into place, because link() neither replaces a file nor shows half of
// one.
absl::Status CreateFile(const std::string& path) {
  const std::string temporary = absl::StrCat(path, ".", RandomHex(8), ".new");
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError(path, "create");
  const absl::Cleanup remove = [&] {
    close(fd);
    unlink(temporary.c_str());
  };
  KW_RETURN_IF_ERROR(WriteAll(path, fd, NewFileContent().ExposeSecret()));
  if (link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    return SystemError(path, "link");
  }
  return SyncFolder(path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileRootKey>> FileRootKey::Load(const std::string& path) {
  // One byte more shows what is too long.
  KW_ASSIGN_OR_RETURN(const SecretBytes content, ReadPrivateFile(kWhat, path, kFileSize + 1));
  KW_ASSIGN_OR_RETURN(SecretBytes root, ParseFile(path, content));
  return FromRoot(root);
}

absl::StatusOr<std::unique_ptr<FileRootKey>> FileRootKey::LoadOrCreate(const std::string& path) {
  auto loaded = Load(path);
  if (!absl::IsNotFound(loaded.status())) return loaded;
  KW_RETURN_IF_ERROR(CreateFile(path));
  return Load(path);
}

absl::StatusOr<std::unique_ptr<FileRootKey>> FileRootKey::FromRoot(const SecretBytes& root) {
  KW_ASSIGN_OR_RETURN(SecretBytes sealing,
                      HkdfSha256(root, "", "keyward root key: sealing, v1", AesKey::kSize));
  KW_ASSIGN_OR_RETURN(SecretBytes id,
                      HkdfSha256(root, "", "keyward root key: id, v1", kRootKeyIdSize));
  KW_ASSIGN_OR_RETURN(AesKey key, AesKey::Create(std::move(sealing)));
  return std::unique_ptr<FileRootKey>(new FileRootKey(key, std::string(id.ExposeSecret())));
}

absl::StatusOr<std::string> FileRootKey::Seal(const SecretBytes& secret,
                                              absl::string_view context) const {
  KW_ASSIGN_OR_RETURN(std::string sealed, aead_.Seal(secret.ExposeSecret(), context));
  return SealedForm(kSealVersion, id_, sealed);
}

absl::StatusOr<SecretBytes> FileRootKey::Unseal(absl::string_view sealed,
                                                absl::string_view context) const {
  KW_ASSIGN_OR_RETURN(const absl::string_view ciphertext, SealedBody(kSealVersion, id_, sealed));
  return aead_.Open(ciphertext, context);
}

}  // namespace keyward::crypto
