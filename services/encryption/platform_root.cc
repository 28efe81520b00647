#include "services/encryption/platform_root.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "common/status/status_macros.h"

namespace keyward::encryption {
namespace {

absl::Status DoesNotFit(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the platform keys in the database cannot be opened with the root key in ", path,
      " (--root_key_file): ", why,
      ". Put back the file that belongs to this database; without it all data is lost"));
}

absl::StatusOr<bool> HasKeys(storage::Database& database) {
  bool has_keys = false;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(has_keys, HasPlatformKeys(tx));
    return absl::OkStatus();
  }));
  return has_keys;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PlatformKeys>> OpenPlatformKeys(const std::string& root_key_file,
                                                               storage::Database& database,
                                                               const std::string& region,
                                                               absl::Time now) {
  if (root_key_file.empty()) return absl::FailedPreconditionError("Set --root_key_file.");
  KW_ASSIGN_OR_RETURN(const bool has_keys, HasKeys(database));
  const absl::StatusOr<std::unique_ptr<crypto::FileRootKey>> root_key =
      has_keys ? crypto::FileRootKey::Load(root_key_file)
               : crypto::FileRootKey::LoadOrCreate(root_key_file);
  if (has_keys && absl::IsNotFound(root_key.status())) {
    return DoesNotFit(root_key_file, "there is no such file");
  }
  KW_RETURN_IF_ERROR(root_key.status());
  absl::StatusOr<std::unique_ptr<PlatformKeys>> keys =
      PlatformKeys::Load(database, **root_key, region, now);
  const bool unseals = keys.ok() || !(absl::IsInvalidArgument(keys.status()) ||
                                      absl::IsFailedPrecondition(keys.status()));
  if (!unseals) return DoesNotFit(root_key_file, keys.status().message());
  return keys;
}

}  // namespace keyward::encryption
