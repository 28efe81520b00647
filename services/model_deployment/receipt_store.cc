#include "services/model_deployment/receipt_store.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "common/status/status_macros.h"
#include "services/model_deployment/errors.h"
#include "services/model_deployment/names.h"

namespace keyward::model_deployment {

namespace {

using deployment::v1::Receipt;

Receipt FromColumns(const storage::Row& row) {
  Receipt receipt;
  receipt.set_name(row.GetString(0));
  receipt.set_kind(static_cast<Receipt::Kind>(row.GetInt64(1)));
  receipt.set_jws(row.GetString(2));
  receipt.mutable_statement()->ParseFromString(row.GetBlob(3));
  return receipt;
}

}  // namespace

absl::Status AddReceipt(storage::Transaction& tx, const Receipt& receipt) {
  KW_ASSIGN_OR_RETURN(ReceiptName name, ReceiptName::Parse("name", receipt.name()));
  KW_ASSIGN_OR_RETURN(std::optional<storage::Row> last,
                      tx.QueryOne("SELECT MAX(number) FROM receipts WHERE account = :account",
                                  {{"account", name.account()}}));
  return tx
      .Execute(
          "INSERT INTO receipts (name, account, number, kind, jws, statement) "
          "VALUES (:name, :account, :number, :kind, :jws, :statement) "
          "ON CONFLICT (name) DO NOTHING",
          {{"name", receipt.name()},
           {"account", name.account()},
           {"number", last->GetInt64(0) + 1},
           {"kind", static_cast<int64_t>(receipt.kind())},
           {"jws", receipt.jws()},
           {"statement", storage::Blob(receipt.statement().SerializeAsString())}})
      .status();
}

absl::StatusOr<Receipt> GetReceipt(storage::Transaction& tx, absl::string_view name) {
  KW_ASSIGN_OR_RETURN(
      std::optional<storage::Row> row,
      tx.QueryOne("SELECT name, kind, jws, statement FROM receipts WHERE name = :name",
                  {{"name", std::string(name)}}));
  if (!row.has_value()) return ReceiptNotFound(name);
  return FromColumns(*row);
}

absl::StatusOr<std::vector<NumberedReceipt>> ListReceipts(storage::Transaction& tx,
                                                          absl::string_view account,
                                                          Receipt::Kind kind,
                                                          const storage::Page& page) {
  int64_t before = page.after.empty() ? std::numeric_limits<int64_t>::max() : page.after_number();
  KW_ASSIGN_OR_RETURN(std::vector<storage::Row> rows,
                      tx.Query("SELECT name, kind, jws, statement, number FROM receipts "
                               "WHERE account = :account AND number < :before AND (CAST(:kind AS "
                               "BIGINT) = 0 OR kind = CAST(:kind AS BIGINT)) "
                               "ORDER BY number DESC LIMIT :limit",
                               {{"account", std::string(account)},
                                {"before", before},
                                {"kind", static_cast<int64_t>(kind)},
                                {"limit", page.size + 1}}));
  std::vector<NumberedReceipt> receipts;
  for (const storage::Row& row : rows) receipts.push_back({row.GetInt64(4), FromColumns(row)});
  return receipts;
}

absl::Status InsertReceiptKey(storage::Transaction& tx, const StoredReceiptKey& key,
                              absl::Time now) {
  return tx
      .Execute(
          "INSERT INTO receipt_keys (key_id, public_key_pem, sealed, create_time) "
          "VALUES (:key_id, :public_key_pem, :sealed, :now)",
          {{"key_id", key.key_id},
           {"public_key_pem", key.public_key_pem},
           {"sealed", storage::Blob(key.sealed)},
           {"now", now}})
      .status();
}

absl::StatusOr<std::vector<StoredReceiptKey>> AllReceiptKeys(storage::Transaction& tx) {
  KW_ASSIGN_OR_RETURN(std::vector<storage::Row> rows,
                      tx.Query("SELECT key_id, public_key_pem, sealed FROM receipt_keys "
                               "ORDER BY create_time, key_id"));
  std::vector<StoredReceiptKey> keys;
  for (const storage::Row& row : rows) {
    keys.push_back({row.GetString(0), row.GetString(1), row.GetBlob(2)});
  }
  return keys;
}

}  // namespace keyward::model_deployment
