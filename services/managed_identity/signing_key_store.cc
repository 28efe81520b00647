#include "services/managed_identity/signing_key_store.h"

#include "common/status/status_macros.h"

namespace keyward::managed_identity {

absl::StatusOr<std::vector<StoredSigningKey>> ListSigningKeys(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query("SELECT key_id, issuer, jwk, sealed_private_key, create_time "
                               "FROM signing_keys ORDER BY create_time DESC, key_id"));
  std::vector<StoredSigningKey> keys;
  for (const storage::Row& row : rows) {
    keys.push_back({.key_id = row.GetString(0),
                    .issuer = row.GetString(1),
                    .jwk = row.GetString(2),
                    .sealed_private_key = row.GetBlob(3),
                    .create_time = row.GetTime(4)});
  }
  return keys;
}

absl::Status InsertSigningKey(storage::Transaction& tx, const StoredSigningKey& key) {
  return tx
      .Execute(
          "INSERT INTO signing_keys (key_id, issuer, jwk, sealed_private_key, create_time) "
          "VALUES (:key_id, :issuer, :jwk, :sealed_private_key, :create_time)",
          {{"key_id", key.key_id},
           {"issuer", key.issuer},
           {"jwk", key.jwk},
           {"sealed_private_key", storage::Blob(key.sealed_private_key)},
           {"create_time", key.create_time}})
      .status();
}

}  // namespace keyward::managed_identity
