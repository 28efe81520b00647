#include "common/server/root_key_store.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/file_root_key.h"
#include "common/crypto/secret_bytes.h"
#include "common/status/status_macros.h"

namespace keyward::server {
namespace {

constexpr char kContext[] = "keyward/root-key-check";
constexpr size_t kCheckSize = 32;

absl::Status DoesNotFit(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "what the database holds cannot be opened with the root key in ", path,
      " (--root_key_file): ", why,
      ". Put back the file that belongs to this database; without it, what it seals is lost."));
}

// What the first root key of this database sealed; none before there was one.
absl::StatusOr<std::optional<std::string>> StoredCheck(storage::Database& database) {
  std::optional<std::string> sealed;
  KW_RETURN_IF_ERROR(database.Read([&](storage::Transaction& tx) -> absl::Status {
    KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                        tx.QueryOne("SELECT sealed FROM root_key_check WHERE id = 1"));
    if (row.has_value()) sealed = row->GetBlob(0);
    return absl::OkStatus();
  }));
  return sealed;
}

// Of several replicas that start on a new database, one's key is the database's.
absl::Status StoreCheck(storage::Database& database, const crypto::RootKey& root_key) {
  KW_ASSIGN_OR_RETURN(const std::string sealed,
                      root_key.Seal(crypto::SecretBytes::Random(kCheckSize), kContext));
  return database.Write([&](storage::Transaction& tx) -> absl::Status {
    return tx
        .Execute(
            "INSERT INTO root_key_check (id, sealed) VALUES (1, :sealed) ON CONFLICT DO NOTHING",
            {{"sealed", storage::Blob(sealed)}})
        .status();
  });
}

}  // namespace

storage::Schema RootKeySchema() {
  return {"root_key",
          {{1, "remember which root key belongs to the database",
            "CREATE TABLE root_key_check (id BIGINT PRIMARY KEY, sealed TEXT NOT NULL);\n"}}};
}

absl::StatusOr<std::unique_ptr<crypto::RootKey>> OpenRootKey(const std::string& path,
                                                             storage::Database& database) {
  if (path.empty()) return absl::FailedPreconditionError("Set --root_key_file.");
  KW_ASSIGN_OR_RETURN(std::optional<std::string> sealed, StoredCheck(database));
  absl::StatusOr<std::unique_ptr<crypto::FileRootKey>> root_key =
      sealed.has_value() ? crypto::FileRootKey::Load(path)
                         : crypto::FileRootKey::LoadOrCreate(path);
  if (absl::IsNotFound(root_key.status())) return DoesNotFit(path, "there is no such file");
  KW_RETURN_IF_ERROR(root_key.status());
  if (!sealed.has_value()) {
    KW_RETURN_IF_ERROR(StoreCheck(database, **root_key));
    KW_ASSIGN_OR_RETURN(sealed, StoredCheck(database));
  }
  const absl::Status opened = (*root_key)->Unseal(*sealed, kContext).status();
  if (!opened.ok()) return DoesNotFit(path, opened.message());
  return std::unique_ptr<crypto::RootKey>(*std::move(root_key));
}

}  // namespace keyward::server
