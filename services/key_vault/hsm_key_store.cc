#include "services/key_vault/hsm_key_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::key_vault {

absl::Status HsmKeyStore::Insert(const std::string& id, const KeyVersionName& version,
                                 absl::Time now) {
  return tx_
      .Execute(
          "INSERT INTO hsm_keys (hsm_key, vault_id, key_id, version_id, begun) VALUES (:hsm_key, "
          ":vault_id, :key_id, :version_id, :begun)",
          {{"hsm_key", storage::Blob(id)},
           {"vault_id", version.vault().id()},
           {"key_id", version.key().id()},
           {"version_id", version.id()},
           {"begun", now}})
      .status();
}

absl::Status HsmKeyStore::MarkUsed(const KeyVersionName& version) {
  KW_ASSIGN_OR_RETURN(
      const int64_t marked,
      tx_.Execute(
          "UPDATE hsm_keys SET begun = NULL WHERE vault_id = :vault_id AND key_id = :key_id "
          "AND version_id = :version_id",
          {{"vault_id", version.vault().id()},
           {"key_id", version.key().id()},
           {"version_id", version.id()}}));
  if (marked == 1) return absl::OkStatus();
  return absl::UnavailableError(
      "the key took so long to be made that it was cleaned up in the token meanwhile");
}

absl::Status HsmKeyStore::Delete(const std::string& id) {
  return tx_
      .Execute("DELETE FROM hsm_keys WHERE hsm_key = :hsm_key", {{"hsm_key", storage::Blob(id)}})
      .status();
}

absl::StatusOr<std::vector<UnusedHsmKey>> HsmKeyStore::ListUnused(absl::Time begun_before,
                                                                  int limit) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<storage::Row> rows,
      tx_.Query("SELECT h.hsm_key, h.vault_id, h.key_id, h.version_id FROM hsm_keys h WHERE "
                "(h.begun IS NULL OR h.begun < :begun_before) AND NOT EXISTS (SELECT 1 FROM "
                "key_versions v WHERE v.vault_id = h.vault_id AND v.key_id = h.key_id AND "
                "v.version_id = h.version_id) ORDER BY h.hsm_key LIMIT :limit",
                {{"begun_before", begun_before}, {"limit", limit}}));
  std::vector<UnusedHsmKey> unused;
  for (const storage::Row& row : rows) {
    unused.push_back(
        {row.GetBlob(0), absl::StrCat("vaults/", row.GetString(1), "/keys/", row.GetString(2),
                                      "/versions/", row.GetString(3))});
  }
  return unused;
}

}  // namespace keyward::key_vault
