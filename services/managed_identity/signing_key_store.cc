#include "services/managed_identity/signing_key_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status_macros.h"

namespace keyward::managed_identity {
namespace {

std::string Select(absl::string_view rest) {
  return absl::StrCat(
      "SELECT key_id, issuer, jwk, state, state_reason, create_time, activate_time, retire_time, "
      "expire_time, last_event FROM signing_key_states ",
      rest);
}

std::optional<absl::Time> MaybeTime(const storage::Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.GetTime(column);
}

SigningKey ToKey(const storage::Row& row) {
  return {.key_id = row.GetString(0),
          .issuer = row.GetString(1),
          .jwk = row.GetString(2),
          .state = static_cast<SigningKeyState>(row.GetInt64(3)),
          .state_reason = row.GetString(4),
          .create_time = row.GetTime(5),
          .activate_time = MaybeTime(row, 6),
          .retire_time = MaybeTime(row, 7),
          .expire_time = MaybeTime(row, 8),
          .last_event = row.GetInt64(9)};
}

std::vector<SigningKey> ToKeys(const std::vector<storage::Row>& rows) {
  std::vector<SigningKey> keys;
  for (const storage::Row& row : rows) keys.push_back(ToKey(row));
  return keys;
}

}  // namespace

absl::StatusOr<std::optional<SigningKey>> FindSigningKey(storage::Transaction& tx,
                                                         const std::string& key_id) {
  KW_ASSIGN_OR_RETURN(const std::optional<storage::Row> row,
                      tx.QueryOne(Select("WHERE key_id = :key_id"), {{"key_id", key_id}}));
  if (!row.has_value()) return std::nullopt;
  return ToKey(*row);
}

absl::StatusOr<std::vector<SigningKey>> PublishedSigningKeys(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query(Select("WHERE state <= :last ORDER BY create_time, key_id"),
                               {{"last", static_cast<int>(SigningKeyState::kRetired)}}));
  return ToKeys(rows);
}

absl::StatusOr<std::optional<SigningKey>> FindSigningKey(storage::Transaction& tx,
                                                         SigningKeyState state) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne(Select("WHERE state = :state"), {{"state", static_cast<int>(state)}}));
  if (!row.has_value()) return std::nullopt;
  return ToKey(*row);
}

absl::StatusOr<std::vector<SigningKey>> ListSigningKeys(storage::Transaction& tx,
                                                        const std::string& after, int limit) {
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query(Select("WHERE key_id > :after ORDER BY key_id LIMIT :limit"),
                               {{"after", after}, {"limit", limit}}));
  return ToKeys(rows);
}

absl::Status SaveSigningKey(storage::Transaction& tx, const SigningKey& key) {
  return tx
      .Execute(
          "INSERT INTO signing_key_states (key_id, issuer, jwk, state, state_reason, create_time, "
          "activate_time, retire_time, expire_time, last_event) VALUES (:key_id, :issuer, :jwk, "
          ":state, :state_reason, :create_time, :activate_time, :retire_time, :expire_time, "
          ":last_event) ON CONFLICT (key_id) DO UPDATE SET state = excluded.state, "
          "state_reason = excluded.state_reason, activate_time = excluded.activate_time, "
          "retire_time = excluded.retire_time, expire_time = excluded.expire_time, "
          "last_event = excluded.last_event",
          {{"key_id", key.key_id},
           {"issuer", key.issuer},
           {"jwk", key.jwk},
           {"state", static_cast<int>(key.state)},
           {"state_reason", key.state_reason},
           {"create_time", key.create_time},
           {"activate_time", key.activate_time},
           {"retire_time", key.retire_time},
           {"expire_time", key.expire_time},
           {"last_event", key.last_event}})
      .status();
}

absl::Status InsertPrivateKey(storage::Transaction& tx, const SigningKey& key,
                              const std::string& sealed) {
  return tx
      .Execute(
          "INSERT INTO signing_keys (key_id, issuer, jwk, sealed_private_key, create_time) "
          "VALUES (:key_id, :issuer, :jwk, :sealed_private_key, :create_time)",
          {{"key_id", key.key_id},
           {"issuer", key.issuer},
           {"jwk", key.jwk},
           {"sealed_private_key", storage::Blob(sealed)},
           {"create_time", key.create_time}})
      .status();
}

absl::Status DeletePrivateKey(storage::Transaction& tx, const std::string& key_id) {
  return tx.Execute("DELETE FROM signing_keys WHERE key_id = :key_id", {{"key_id", key_id}})
      .status();
}

absl::StatusOr<std::string> FindPrivateKey(storage::Transaction& tx, const std::string& key_id) {
  KW_ASSIGN_OR_RETURN(
      const std::optional<storage::Row> row,
      tx.QueryOne("SELECT sealed_private_key FROM signing_keys WHERE key_id = :key_id",
                  {{"key_id", key_id}}));
  if (!row.has_value()) {
    return absl::DataLossError(absl::StrCat("token signing key ", key_id, " has no private part"));
  }
  return row->GetBlob(0);
}

}  // namespace keyward::managed_identity
