#ifndef KEYWARD_COMMON_CRYPTO_FILE_ROOT_KEY_H_
#define KEYWARD_COMMON_CRYPTO_FILE_ROOT_KEY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/root_key.h"
#include "common/crypto/root_key_provider.h"
#include "common/crypto/secret_bytes.h"

namespace keyward::crypto {

// A root key in a file, or in a secret mounted as one: the line "keyward-root-key-v1 " and 64
// lower-case hexadecimal digits. It must be a regular file of this user or of root that group and
// others cannot read or write. Sealing is AES-256-GCM under a key derived from the root key.
// Thread-safe.
class FileRootKey final : public RootKey {
 public:
  // Reads the file. NOT_FOUND if there is none; FAILED_PRECONDITION, saying what to do, if others
  // may read it or its content is not a root key.
  static absl::StatusOr<std::unique_ptr<FileRootKey>> Load(const std::string& path);

  // Reads the file, or makes it (mode 0600) with a new random key if there is none. It appears
  // whole and on disk, or not at all; of several processes that do this at once, one makes it and
  // all use it.
  static absl::StatusOr<std::unique_ptr<FileRootKey>> LoadOrCreate(const std::string& path);

  absl::StatusOr<std::string> Seal(const SecretBytes& secret,
                                   absl::string_view context) const override;
  absl::StatusOr<SecretBytes> Unseal(absl::string_view sealed,
                                     absl::string_view context) const override;
  const std::string& id() const override { return id_; }

 private:
  FileRootKey(const AesKey& sealing_key, std::string id) : aead_(sealing_key), id_(std::move(id)) {}
  static absl::StatusOr<std::unique_ptr<FileRootKey>> FromRoot(const SecretBytes& root);

  AesGcmAead aead_;
  std::string id_;  // derived; reveals nothing
};

// The root key in a file, as FileRootKey describes it. Thread-safe.
class FileRootKeyProvider final : public RootKeyProvider {
 public:
  explicit FileRootKeyProvider(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::unique_ptr<RootKey>> Load(absl::string_view) const override {
    return FileRootKey::Load(path_);
  }
  absl::StatusOr<std::unique_ptr<RootKey>> LoadOrCreate() const override {
    return FileRootKey::LoadOrCreate(path_);
  }
  const std::string& place() const override { return path_; }

 private:
  const std::string path_;
};

}  // namespace keyward::crypto

#endif  // KEYWARD_COMMON_CRYPTO_FILE_ROOT_KEY_H_
