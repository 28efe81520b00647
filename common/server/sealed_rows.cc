#include "common/server/sealed_rows.h"

#include <optional>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/root_key.h"
#include "common/status/status_macros.h"
#include "common/storage/value.h"

namespace keyward::server {
namespace {

// The kind of root key and its id are nine bytes, whose base64 ends with a character's end.
constexpr size_t kPrefixBytes = 1 + crypto::kRootKeyIdSize;
static_assert(kPrefixBytes % 3 == 0);

std::string StoredPrefix(absl::string_view sealed) {
  return std::get<std::string>(storage::Blob(std::string(sealed.substr(0, kPrefixBytes))).rep());
}

std::string KeyList(const SealedColumn& column, absl::string_view before) {
  return absl::StrJoin(column.key, ", ", [&](std::string* out, const auto& key) {
    absl::StrAppend(out, before, key.name);
  });
}

std::string Others(const SealedColumn& column) {
  return absl::StrCat(" FROM ", column.table, " WHERE substr(", column.column, ", 1, ",
                      kPrefixBytes / 3 * 4, ") <> :prefix");
}

std::string ListText(const SealedColumn& column, bool after) {
  const std::string keys = KeyList(column, "");
  return absl::StrCat("SELECT ", keys, ", ", column.column, Others(column),
                      after ? absl::StrCat(" AND (", keys, ") > (", KeyList(column, ":"), ")") : "",
                      " ORDER BY ", keys, " LIMIT :most");
}

std::string ReplaceText(const SealedColumn& column) {
  const std::string keys = absl::StrJoin(
      column.key, " AND ",
      [](std::string* out, const auto& key) { absl::StrAppend(out, key.name, " = :", key.name); });
  return absl::StrCat("UPDATE ", column.table, " SET ", column.column, " = :new_value WHERE ", keys,
                      " AND ", column.column, " = :old_value");
}

absl::StatusOr<int64_t> Number(absl::StatusOr<std::optional<storage::Row>> row) {
  KW_RETURN_IF_ERROR(row.status());
  return (*row)->GetInt64(0);
}

}  // namespace

SealedRows::SealedRows(SealedColumn column, absl::string_view sealed_by_primary)
    : column_(std::move(column)),
      primary_prefix_(StoredPrefix(sealed_by_primary)),
      count_(absl::StrCat("SELECT COUNT(*) FROM ", column_.table)),
      count_others_(absl::StrCat("SELECT COUNT(*)", Others(column_))),
      first_(ListText(column_, /*after=*/false)),
      next_(ListText(column_, /*after=*/true)),
      replace_(ReplaceText(column_)) {}

absl::StatusOr<int64_t> SealedRows::Count(storage::Transaction& tx) const {
  return Number(tx.QueryOne(count_));
}

absl::StatusOr<int64_t> SealedRows::CountOthers(storage::Transaction& tx) const {
  return Number(tx.QueryOne(count_others_, {{"prefix", primary_prefix_}}));
}

std::vector<storage::Parameter> SealedRows::KeyParameters(
    const std::vector<std::string>& key) const {
  std::vector<storage::Parameter> parameters;
  for (size_t i = 0; i < key.size(); ++i) {
    int64_t number = 0;
    const bool is_number = column_.key[i].is_number && absl::SimpleAtoi(key[i], &number);
    parameters.push_back(
        {column_.key[i].name, is_number ? storage::Value(number) : storage::Value(key[i])});
  }
  return parameters;
}

absl::StatusOr<std::vector<SealedRow>> SealedRows::ListOthers(storage::Transaction& tx,
                                                              const std::vector<std::string>& after,
                                                              int most) const {
  std::vector<storage::Parameter> parameters = KeyParameters(after);
  parameters.push_back({"prefix", primary_prefix_});
  parameters.push_back({"most", most});
  KW_ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                      tx.Query(after.empty() ? first_ : next_, absl::MakeConstSpan(parameters)));
  std::vector<SealedRow> others;
  const int keys = static_cast<int>(column_.key.size());
  for (const storage::Row& row : rows) {
    SealedRow& other = others.emplace_back();
    for (int i = 0; i < keys; ++i) other.key.push_back(row.GetString(i));
    other.sealed = row.GetBlob(keys);
  }
  return others;
}

absl::Status SealedRows::Replace(storage::Transaction& tx, const SealedRow& row,
                                 absl::string_view sealed) const {
  std::vector<storage::Parameter> parameters = KeyParameters(row.key);
  parameters.push_back({"new_value", storage::Blob(std::string(sealed))});
  parameters.push_back({"old_value", storage::Blob(row.sealed)});
  return tx.Execute(replace_, absl::MakeConstSpan(parameters)).status();
}

}  // namespace keyward::server
