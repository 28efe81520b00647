#include "services/key_vault/root_key.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "common/status/status_macros.h"
#include "services/key_vault/key_access.h"
#include "services/key_vault/key_ring.h"

namespace keyward::key_vault {
namespace {

absl::Status DoesNotFit(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the private keys in the database cannot be opened with the root key in ", path,
      " (--root_key_file): ", why,
      ". Put back the file that belongs to this database; without it the keys are lost"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<crypto::RootKey>> OpenRootKey(const std::string& path,
                                                             storage::Database& database) {
  if (path.empty()) return absl::FailedPreconditionError("Set --root_key_file.");
  std::optional<StoredPrivateKey> stored;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(stored, FindAnyPrivateKey(tx));
    return absl::OkStatus();
  }));
  if (!stored.has_value()) {
    KW_ASSIGN_OR_RETURN(std::unique_ptr<crypto::RootKey> made,
                        crypto::FileRootKey::LoadOrCreate(path));
    return made;
  }
  absl::StatusOr<std::unique_ptr<crypto::RootKey>> root_key = crypto::FileRootKey::Load(path);
  if (absl::IsNotFound(root_key.status())) return DoesNotFit(path, "there is no such file");
  KW_RETURN_IF_ERROR(root_key.status());
  const absl::Status opened =
      (*root_key)->Unseal(stored->sealed, KeyRing::SealingContext(stored->version)).status();
  if (!opened.ok()) return DoesNotFit(path, std::string(opened.message()));
  return root_key;
}

}  // namespace keyward::key_vault
