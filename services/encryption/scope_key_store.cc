#include "services/encryption/scope_key_store.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::encryption {
namespace {

using storage::Row;
using storage::Transaction;
using State = StoredScopeKey::State;

#define KEYWARD_SELECT_SCOPE_KEYS \
  "SELECT scope, generation, epoch, state, wrapped, create_time, destroy_time FROM scope_keys "

// As long as what it overwrites, so that the row stays where it is.
const char* Overwritten() {
  static const std::string* const text = new std::string(80, '0');
  return text->c_str();
}

StoredScopeKey FromRow(const Row& row) {
  StoredScopeKey key;
  key.scope = row.GetString(0);
  key.generation = row.GetInt64(1);
  key.epoch = row.GetInt64(2);
  key.state = static_cast<State>(row.GetInt64(3));
  if (!key.destroyed()) key.wrapped = row.GetBlob(4);
  key.create_time = row.GetTime(5);
  if (!row.IsNull(6)) key.destroy_time = row.GetTime(6);
  return key;
}

absl::StatusOr<std::optional<StoredScopeKey>> FromOptionalRow(
    absl::StatusOr<std::optional<Row>> row) {
  KW_RETURN_IF_ERROR(row.status());
  if (!row->has_value()) return std::nullopt;
  return FromRow(**row);
}

}  // namespace

absl::Status InsertScopeKey(Transaction& tx, const AccountName& account,
                            const StoredScopeKey& key) {
  return tx
      .Execute(
          "INSERT INTO scope_keys (account, scope, generation, epoch, state, wrapped, create_time) "
          "VALUES (:account, :scope, :generation, :epoch, :state, :wrapped, :create_time)",
          {{"account", account.id()},
           {"scope", key.scope},
           {"generation", key.generation},
           {"epoch", key.epoch},
           {"state", static_cast<int64_t>(key.state)},
           {"wrapped", storage::Blob(key.wrapped)},
           {"create_time", key.create_time}})
      .status();
}

absl::StatusOr<std::optional<StoredScopeKey>> FindScopeKey(Transaction& tx,
                                                           const AccountName& account,
                                                           const std::string& scope,
                                                           int64_t generation) {
  return FromOptionalRow(
      tx.QueryOne(KEYWARD_SELECT_SCOPE_KEYS
                  "WHERE account = :account AND scope = :scope AND generation = :generation",
                  {{"account", account.id()}, {"scope", scope}, {"generation", generation}}));
}

absl::StatusOr<std::optional<StoredScopeKey>> NewestScopeKey(Transaction& tx,
                                                             const AccountName& account,
                                                             const std::string& scope) {
  return FromOptionalRow(tx.QueryOne(KEYWARD_SELECT_SCOPE_KEYS
                                     "WHERE account = :account AND scope = :scope "
                                     "ORDER BY generation DESC LIMIT 1",
                                     {{"account", account.id()}, {"scope", scope}}));
}

absl::StatusOr<std::vector<StoredScopeKey>> UndestroyedScopeKeys(Transaction& tx,
                                                                 const AccountName& account) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(
          KEYWARD_SELECT_SCOPE_KEYS "WHERE account = :account AND state <> :destroyed "
                                    "ORDER BY scope, generation",
          {{"account", account.id()}, {"destroyed", static_cast<int64_t>(State::kDestroyed)}}));
  std::vector<StoredScopeKey> keys;
  for (const Row& row : rows) keys.push_back(FromRow(row));
  return keys;
}

absl::Status RewrapScopeKey(Transaction& tx, const AccountName& account, const StoredScopeKey& key,
                            const std::string& wrapped) {
  return tx
      .Execute(
          "UPDATE scope_keys SET wrapped = :wrapped "
          "WHERE account = :account AND scope = :scope AND generation = :generation",
          {{"wrapped", storage::Blob(wrapped)},
           {"account", account.id()},
           {"scope", key.scope},
           {"generation", key.generation}})
      .status();
}

absl::StatusOr<int64_t> DestroyScopeKeys(Transaction& tx, const AccountName& account,
                                         const std::string& scope, int64_t up_to_epoch,
                                         absl::Time now) {
  return tx.Execute(
      "UPDATE scope_keys SET wrapped = :overwritten, state = :destroyed, destroy_time = :now "
      "WHERE account = :account AND scope = :scope AND epoch <= :epoch AND state <> :destroyed",
      {{"overwritten", Overwritten()},
       {"destroyed", static_cast<int64_t>(State::kDestroyed)},
       {"now", now},
       {"account", account.id()},
       {"scope", scope},
       {"epoch", up_to_epoch}});
}

absl::Status SealScopeKeys(Transaction& tx, const AccountName& account, const std::string& scope,
                           absl::Time destroy_time) {
  return tx
      .Execute(
          "UPDATE scope_keys SET state = :sealed, destroy_time = :destroy_time "
          "WHERE account = :account AND scope = :scope AND state = :live",
          {{"sealed", static_cast<int64_t>(State::kSealed)},
           {"destroy_time", destroy_time},
           {"account", account.id()},
           {"scope", scope},
           {"live", static_cast<int64_t>(State::kLive)}})
      .status();
}

absl::StatusOr<int64_t> UnsealScopeKeys(Transaction& tx, const AccountName& account,
                                        const std::string& scope) {
  return tx.Execute(
      "UPDATE scope_keys SET state = :live, destroy_time = NULL "
      "WHERE account = :account AND scope = :scope AND state = :sealed",
      {{"live", static_cast<int64_t>(State::kLive)},
       {"account", account.id()},
       {"scope", scope},
       {"sealed", static_cast<int64_t>(State::kSealed)}});
}

absl::Status ResealScopeKeys(Transaction& tx, const AccountName& account, const std::string& scope,
                             absl::Time destroy_time) {
  KW_RETURN_IF_ERROR(UnsealScopeKeys(tx, account, scope).status());
  return SealScopeKeys(tx, account, scope, destroy_time);
}

absl::StatusOr<int64_t> DestroyDueScopeKeys(Transaction& tx, const AccountName& account,
                                            const std::string& scope, absl::Time now) {
  return tx.Execute(
      "UPDATE scope_keys SET wrapped = :overwritten, state = :destroyed, destroy_time = :now "
      "WHERE account = :account AND scope = :scope AND state = :sealed AND destroy_time <= :now",
      {{"overwritten", Overwritten()},
       {"destroyed", static_cast<int64_t>(State::kDestroyed)},
       {"now", now},
       {"account", account.id()},
       {"scope", scope},
       {"sealed", static_cast<int64_t>(State::kSealed)}});
}

absl::StatusOr<std::vector<AccountName>> AccountsToDestroy(Transaction& tx, absl::Time now,
                                                           int limit) {
  KW_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT DISTINCT account FROM scope_keys "
               "WHERE state = :sealed AND destroy_time <= :now ORDER BY account LIMIT :limit",
               {{"sealed", static_cast<int64_t>(State::kSealed)}, {"now", now}, {"limit", limit}}));
  std::vector<AccountName> accounts;
  for (const Row& row : rows) accounts.push_back(AccountName::FromTrustedId(row.GetString(0)));
  return accounts;
}

absl::StatusOr<DestroyedKeys> CountDestroyedKeys(Transaction& tx, const AccountName& account,
                                                 const std::string& scope) {
  KW_ASSIGN_OR_RETURN(const std::optional<Row> row,
                      tx.QueryOne("SELECT COUNT(*), MAX(destroy_time) FROM scope_keys "
                                  "WHERE account = :account AND scope = :scope AND "
                                  "state = :destroyed",
                                  {{"account", account.id()},
                                   {"scope", scope},
                                   {"destroyed", static_cast<int64_t>(State::kDestroyed)}}));
  DestroyedKeys destroyed;
  destroyed.count = row->GetInt64(0);
  if (!row->IsNull(1)) destroyed.last = row->GetTime(1);
  return destroyed;
}

#undef KEYWARD_SELECT_SCOPE_KEYS

}  // namespace keyward::encryption
